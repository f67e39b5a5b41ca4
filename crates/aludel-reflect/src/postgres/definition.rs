//! Objects of kinds that are data. The query has a branch for each kind; the reader has none.
//!
//! The files of the folder `definition` are the query: the frame, and the branches in it.

use aludel_driver::{Row, RowError};
use aludel_schema::{
    Belongings, Clause, Definition, Grant, Kind, Metadata, ObjectId, QualifiedName, ShapeColumn,
    SqlText,
};

use super::catalog::{Catalog, NOTHING, PG, Scope, Session};
use super::rows::kind;
use super::signature::with_signatures;
use crate::array;

/// A branch of the query.
struct Branch {
    /// The name by which `session.sql` says that the branch may find something.
    name: &'static str,
    sql: &'static str,
}

/// The branches of the query.
const BRANCHES: [Branch; 13] = [
    Branch { name: "view", sql: include_str!("definition/view.sql") },
    Branch { name: "index", sql: include_str!("definition/index.sql") },
    Branch { name: "partition", sql: include_str!("definition/partition.sql") },
    Branch { name: "type", sql: include_str!("definition/type.sql") },
    Branch { name: "function", sql: include_str!("definition/function.sql") },
    Branch { name: "operator", sql: include_str!("definition/operator.sql") },
    Branch { name: "operator class", sql: include_str!("definition/operator_class.sql") },
    Branch { name: "trigger", sql: include_str!("definition/trigger.sql") },
    Branch { name: "statistics", sql: include_str!("definition/statistics.sql") },
    Branch { name: "collation", sql: include_str!("definition/collation.sql") },
    Branch { name: "publication", sql: include_str!("definition/publication.sql") },
    Branch { name: "foreign", sql: include_str!("definition/foreign.sql") },
    Branch { name: "default privileges", sql: include_str!("definition/default_privileges.sql") },
];

/// The columns for the owner and the privileges of an object.
pub(super) const BELONGINGS: &str = include_str!("belongings.sql");

/// Returns the query for all definitions of a scope. It has the branches that may find something,
/// because the server takes longer to plan it than to run it.
pub(super) fn query(scope: &Scope, session: &Session) -> String {
    let version = session.version;
    let may_find = |branch: &&Branch| session.may_find(branch.name);
    let branches: Vec<&str> = BRANCHES.iter().filter(may_find).map(|branch| branch.sql).collect();
    if branches.is_empty() {
        return NOTHING.to_owned();
    }
    let branches = branches.join("UNION ALL\n");
    let frame = session.only_branches(include_str!("definition/frame.sql"));
    let query = frame.replace("{branches}", &branches);
    let query = with_columns_by_name(&query);
    let query = with_function_names(&query);
    let query = with_signatures(&query);
    let query = publications(&with_options(query), version);
    // PostgreSQL 17 has MAINTAIN.
    let of_tables = if version >= 170_000 { "8" } else { "7" };
    let query = query.replace("{privileges_of_tables}", of_tables);
    let query = query.replace("{belongings}", BELONGINGS.trim_end());
    scope.fill(&query, version)
}

/// Replaces `{function x.y}` by the name of the function with that oid, or NULL for 0. `regproc` would
/// state the schema as soon as there are several functions of the name.
fn with_function_names(query: &str) -> String {
    let mut parts = query.split("{function ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (oid, rest) = part.split_once('}').unwrap_or((part, ""));
        out.push_str(&format!(
            "(SELECT CASE WHEN pg_function_is_visible(w.oid) THEN '' \
             ELSE quote_ident(s.nspname) || '.' END || quote_ident(w.proname) \
             FROM pg_proc w JOIN pg_namespace s ON s.oid = w.pronamespace WHERE w.oid = {oid})"
        ));
        out.push_str(rest);
    }
    out
}

/// Replaces `{by_name TEXT in CATALOG = OID}` by the text of an object in which no column of the rows of a
/// function is named by its place. The server spells `FROM f()` as `FROM f() f(id, size)` if the function
/// returns rows of a table or a composite type, and this means other columns as soon as some come or go, or in
/// a new database. A list stays if its names are others than those of the columns, or if there are more than two
/// levels of parentheses in the arguments.
fn with_columns_by_name(query: &str) -> String {
    let mut parts = query.split("{by_name ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (own, rest) = part.split_once('}').unwrap_or((part, ""));
        let (text, object) = own.split_once(" in ").unwrap_or((own, ""));
        let (catalog, oid) = object.split_once(" = ").unwrap_or((object, ""));
        let lists = include_str!("definition/by_name.sql").trim_end();
        let lists = lists.replace("{catalog}", catalog).replace("{oid}", oid);
        out.push_str(&format!("regexp_replace({text}, coalesce(({lists}), '^$^'), '', 'g')"));
        out.push_str(rest);
    }
    out
}

/// Fills in the clauses for the options of an array. Those with a secret are left out.
fn with_options(query: String) -> String {
    const ARRAYS: [&str; 4] = ["w.fdwoptions", "s.srvoptions", "u.umoptions", "t.ftoptions"];
    ARRAYS.into_iter().fold(query, |query, array| {
        let clauses = format!(
            "ARRAY(SELECT x.part FROM unnest({array}) o, \
             unnest(ARRAY['option', split_part(o, '=', 1), quote_literal(substr(o, strpos(o, '=') + 1))]) \
                 WITH ORDINALITY x(part, at) \
             WHERE split_part(o, '=', 1) !~* 'password' ORDER BY split_part(o, '=', 1), x.at)"
        );
        query.replace(&format!("{{options_of_{array}}}"), &clauses)
    })
}

/// Fills in what publications have since PostgreSQL 15: columns, filters and schemas, and the word TABLE
/// before each table rather than once before all.
fn publications(query: &str, version: i64) -> String {
    let [tables, table] = match version >= 150_000 {
        true => ["", "'TABLE ' ||"],
        false => ["'TABLE ' ||", ""],
    };
    let [columns, filter, schemas] = match version >= 150_000 {
        true => [
            "coalesce((SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) || ')' \
             FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)), '')",
            "coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')",
            "SELECT 'TABLES IN SCHEMA ' || quote_ident(n.nspname) FROM pg_publication_namespace r \
             JOIN pg_namespace n ON n.oid = r.pnnspid WHERE r.pnpubid = p.oid",
        ],
        false => ["''", "''", "SELECT NULL WHERE false"],
    };
    query
        .replace("{publication_tables}", tables)
        .replace("{publication_table}", table)
        .replace("{publication_columns}", columns)
        .replace("{publication_filter}", filter)
        .replace("{publication_schemas}", schemas)
}

/// The word for a comment on a check that a partition has from its table. It is kept by the name of the check.
const CHECK_COMMENT: &str = "check comment";

/// Reads all definitions.
pub(super) fn read_all(
    metadata: &mut Metadata,
    rows: &[Row],
    catalog: &Catalog,
) -> Result<(), RowError> {
    for row in rows {
        let mut own = definition(row, catalog)?;
        let is_from_above = |clause: &mut Clause| clause.word == CHECK_COMMENT;
        for clause in own.clauses.extract_if(.., is_from_above) {
            let (column, problem) = ("clauses".to_owned(), "a comment on a check names no check");
            let name = clause.name.ok_or(RowError { column, problem })?;
            let check = ObjectId::within(Kind::Constraint, &own.id.name, name);
            metadata.comments.insert(check, clause.text.written);
        }
        metadata.add_definition(own);
    }
    Ok(())
}

fn definition(row: &Row, catalog: &Catalog) -> Result<Definition, RowError> {
    let schema = catalog.schema(row.optional("namespace")?);
    let name = QualifiedName::new(schema, row.text("name")?);
    let table = row.optional("table_name")?.map(|table| name.sibling(table));
    let signature = row.optional("signature")?.map(str::to_owned);
    let id = ObjectId { kind: kind(row.text("kind")?, "kind")?, name, table, signature };
    let id = catalog.findable(id);
    let body = row.text("body")?.trim().trim_end_matches(';');
    let mut definition = Definition::new(id, body);
    for [word, name, text] in array::rows(row, "clauses")? {
        let name = Some(name).filter(|name| !name.is_empty());
        // A comment is written on one line, because a line of its own could look like the header of a section.
        let text = if word.starts_with("comment on ") { PG.literal(&text) } else { text };
        definition.clauses.push(Clause { word, name, text: SqlText::new(text) });
    }
    for [name, sql_type] in array::rows(row, "shape")? {
        definition.shape.push(ShapeColumn { name, sql_type });
    }
    for [noun, schema, table, name, signature] in array::rows(row, "depends_on")? {
        let kind = kind(&noun, "depends_on")?;
        let schema = Some(schema.as_str()).filter(|schema| !schema.is_empty());
        let name = QualifiedName::new(catalog.schema(schema), name);
        let table = Some(table).filter(|table| !table.is_empty()).map(|table| name.sibling(table));
        let signature = Some(signature).filter(|signature| signature != "-");
        let on = catalog.findable(ObjectId { kind, name, table, signature });
        definition.depends_on.push(on);
    }
    definition.comment = row.optional("comment")?.map(str::to_owned);
    for [column, comment] in array::rows(row, "column_comments")? {
        definition.column_comments.insert(column, comment);
    }
    definition.belongings = belongings(row)?;
    definition.belongings.is_unread = row.flag("is_unread")?;
    definition.belongings.has_secret = row.flag("has_secret")? || definition.belongings.is_unread;
    let is_populated = row.flag("is_populated")?;
    let has_rows = definition.id.kind == Kind::MaterializedView;
    definition.belongings.is_populated = has_rows.then_some(is_populated);
    if definition.id.kind == Kind::RangeType {
        definition.belongings.constructors = constructors(row, catalog)?;
    }
    Ok(definition)
}

/// Reads the functions that belong to a range type.
fn constructors(row: &Row, catalog: &Catalog) -> Result<Vec<ObjectId>, RowError> {
    let rows = array::rows(row, "constructors")?.into_iter();
    let functions = rows.map(|[schema, name, signature]| {
        let name = QualifiedName::new(catalog.schema(Some(schema.as_str())), name);
        ObjectId { signature: Some(signature), ..ObjectId::new(Kind::Function, name) }
    });
    Ok(functions.collect())
}

/// Reads the owner and the privileges of an object.
pub(super) fn belongings(row: &Row) -> Result<Belongings, RowError> {
    let mut belongings = Belongings::default();
    for [privilege, column, role, grantable, grantor] in array::rows(row, "grants")? {
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        let (column, role, grantor) = (said(column), said(role), said(grantor));
        let grantable = grantable == "true";
        belongings.grants.push(Grant { privilege, column, role, grantable, grantor });
    }
    belongings.owner = row.optional("owner")?.map(str::to_owned);
    belongings.revoked_from_public = row.flag("revoked_from_public")?;
    Ok(belongings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_and_the_queries_know_every_branch() {
        let session = include_str!("session.sql");
        for Branch { name, .. } in &BRANCHES {
            assert!(session.contains(&format!("('{name}', ")), "{name}");
        }
        let queries = [
            include_str!("definition/frame.sql"),
            include_str!("leftover.sql"),
            include_str!("shadowed.sql"),
        ];
        let lines = queries.into_iter().flat_map(str::lines);
        for line in lines.filter_map(|line| line.strip_prefix("-- {if ")) {
            let name = line.trim_end_matches('}');
            assert!(BRANCHES.iter().any(|branch| branch.name == name), "{name}");
        }
    }
}
