//! The argument types of routines and operators, by which those of one name differ.

/// The argument types of `pg_proc f` with `pg_aggregate g`, as DROP states them.
const ROUTINE: &str = "(SELECT CASE WHEN f.prokind = 'a' AND f.pronargs = 0 THEN '*' \
     WHEN g.aggkind IN ('o', 'h') AND g.aggnumdirectargs = f.pronargs THEN concat(\
         string_agg(CASE a.at WHEN f.pronargs THEN 'VARIADIC ' ELSE '' END || format_type(a.type, NULL), ', ' ORDER BY a.at), \
         ' ORDER BY VARIADIC ', max(format_type(a.type, NULL)) FILTER (WHERE a.at = f.pronargs)) \
     WHEN g.aggkind IN ('o', 'h') THEN ltrim(concat(\
         string_agg(format_type(a.type, NULL), ', ' ORDER BY a.at) FILTER (WHERE a.at <= g.aggnumdirectargs), ' ORDER BY ', \
         string_agg(format_type(a.type, NULL), ', ' ORDER BY a.at) FILTER (WHERE a.at > g.aggnumdirectargs))) \
     ELSE coalesce(string_agg(format_type(a.type, NULL), ', ' ORDER BY a.at), '') END \
     FROM unnest(f.proargtypes) WITH ORDINALITY a(type, at))";

/// The operands of `pg_operator o`.
const OPERATOR: &str = "coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE') || ', ' || format_type(o.oprright, NULL)";

/// Fills in the argument types of `pg_proc f` with `pg_aggregate g`, and the operands of `pg_operator o`.
pub(super) fn with_signatures(query: &str) -> String {
    query.replace("{signature_of_f}", ROUTINE).replace("{signature_of_o}", OPERATOR)
}
