//! The rows of the catalogues that describe tables, with lookups.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, without_parentheses};
use aludel_driver::{Connection, DriverError, Row, RowError};
use aludel_schema::{ObjectId, Parameters, QualifiedName, SqlText};
use futures_util::future::{try_join, try_join4};

use super::rows::{ColumnRow, ConstraintRow, IndexRow, NotNullRow, Relation, kind};
use super::signature::with_signatures;
use super::stand_in_prefix;
use crate::array;

/// The dialect of this folder.
pub(super) const PG: Dialect = Dialect::Postgres;

/// The oid of the collation `default` in `pg_collation`.
pub(super) const DEFAULT_COLLATION: i64 = 100;

/// A query that finds nothing.
pub(super) const NOTHING: &str = "SELECT WHERE false";

/// The name that the NOT NULL constraint of a column has in the first table above. An inherited one usually
/// has the same.
const NAME_ABOVE: &str = "(SELECT o.conname FROM pg_inherits i \
    JOIN pg_constraint o ON o.conrelid = i.inhparent AND o.contype = 'n' AND NOT o.connoinherit \
    JOIN pg_attribute b ON b.attrelid = o.conrelid AND b.attnum = o.conkey[1] \
    WHERE i.inhrelid = a.attrelid AND b.attname = a.attname ORDER BY i.inhseqno LIMIT 1)";

/// The objects to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The objects of all schemas, except those of the system.
    User,
    /// The objects that the present transaction has created in the schema of that name, and in those that
    /// stand for others.
    Scratch(String),
    /// The objects of all schemas, with some partitions as the tables that they are apart from their own
    /// ones.
    Apart(Vec<QualifiedName>),
}

impl Scope {
    /// Fills in the condition for namespaces, and columns that depend on the version of the server.
    pub(super) fn fill(&self, query: &str, version: i64) -> String {
        let namespaces = match self {
            Self::User | Self::Apart(_) => "n.nspname NOT IN ('pg_catalog', 'information_schema') \
                 AND n.nspname !~ '^pg_(toast|temp)'"
                .to_owned(),
            // `pg_temp` stands for the temporary schema of the session.
            Self::Scratch(schema) if schema == "pg_temp" => {
                "n.oid = pg_my_temp_schema()".to_owned()
            }
            Self::Scratch(schema) => format!(
                "(n.nspname = {} OR starts_with(n.nspname::text, {}))",
                PG.literal(schema),
                PG.literal(&stand_in_prefix(schema))
            ),
        };
        // An object without a schema is in the scratch if the present transaction has created it.
        let is_new = |row: &str| match self {
            Self::User | Self::Apart(_) => "true".to_owned(),
            Self::Scratch(_) => format!(
                "{row}.xmin::text::bigint = pg_current_xact_id()::text::bigint % 4294967296"
            ),
        };
        // A partition has the constraints of its table until it leaves that, and keeps them. Those of the
        // partitions that a foreign key refers to are parts of the key.
        let (is_read, is_own) = match self {
            Self::User | Self::Scratch(_) => {
                ("NOT c.relispartition".to_owned(), "k.conislocal".to_owned())
            }
            Self::Apart(names) => {
                let literal = |name: &QualifiedName| PG.literal(&PG.quote_name(name));
                let names: Vec<String> = names.iter().map(literal).collect();
                let is_wanted = format!("c.oid = ANY (ARRAY[{}]::regclass[])", names.join(", "));
                let is_part = "EXISTS (SELECT FROM pg_constraint o \
                     WHERE o.oid = k.conparentid AND o.conrelid = k.conrelid)";
                (
                    format!("(NOT c.relispartition OR {is_wanted})"),
                    format!("(k.conislocal OR {is_wanted} AND NOT {is_part})"),
                )
            }
        };
        let of_scope = match self {
            Self::User | Self::Apart(_) => String::new(),
            Self::Scratch(_) => format!(
                " AND a.attrelid = ANY (ARRAY(SELECT c.oid FROM pg_class c \
                 JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {namespaces}))"
            ),
        };
        let nulls = if version >= 150_000 { "i.indnullsnotdistinct" } else { "false" };
        let enforced = if version >= 180_000 { "k.conenforced" } else { "true" };
        let period = if version >= 180_000 { "k.conperiod" } else { "false" };
        query
            .replace("{namespaces}", &namespaces)
            .replace("{of_scope_a}", &of_scope)
            .replace("{is_read}", &is_read)
            .replace("{is_own_k}", &is_own)
            .replace("{is_new_k}", &is_new("k"))
            .replace("{is_new_t}", &is_new("t"))
            .replace("{is_new_p}", &is_new("p"))
            .replace("{is_new_w}", &is_new("w"))
            .replace("{is_new_s}", &is_new("s"))
            .replace("{is_new_d}", &is_new("d"))
            .replace("{nulls_not_distinct}", nulls)
            .replace("{enforced}", enforced)
            .replace("{period}", period)
    }
}

/// Properties of the session.
#[derive(Debug)]
pub(super) struct Session {
    /// The schema of names without a schema.
    pub(super) default_schema: String,
    /// The schema that the search path names before it, and that is not there.
    pub(super) missing_schema: Option<String>,
    /// The role of the connection.
    pub(super) role: String,
    /// The schema of the scratch, which names do not state either.
    pub(super) scratch: Option<String>,
    /// The branches of queries that may find something, as the `VALUES` of `session.sql` name them.
    branches: Vec<String>,
    /// The version of the server as a number, such as 150004.
    pub(super) version: i64,
}

impl Session {
    /// Reads the rows of `session.sql` and `search_path.sql`.
    pub(super) fn read(
        rows: Option<&Vec<Row>>,
        missing: Option<&Vec<Row>>,
    ) -> Result<Self, RowError> {
        let row = rows.and_then(|rows| rows.first());
        let row = row.ok_or_else(|| array::error("version", "expected a row"))?;
        let default_schema = row.optional("default_schema")?.unwrap_or("public").to_owned();
        let role = row.text("role")?.to_owned();
        let branches = array::texts(row, "branches")?;
        let version = row.number("version")?;
        let missing = missing.and_then(|rows| rows.first());
        let missing_schema =
            missing.map(|row| row.text("schema").map(str::to_owned)).transpose()?;
        Ok(Self { default_schema, missing_schema, role, scratch: None, version, branches })
    }

    /// Returns true if the branch of a query may find something.
    pub(super) fn may_find(&self, branch: &str) -> bool {
        self.branches.iter().any(|name| name == branch)
    }

    /// Leaves out the lines of a query that are about branches which find nothing. The server takes longer to plan
    /// the long queries than to run them.
    pub(super) fn only_branches(&self, query: &str) -> String {
        with_branches(query, |branch| self.may_find(branch))
    }
}

/// Returns a query without the lines between `-- {if BRANCH}` and `-- {end}` that are about other branches than
/// the wanted ones.
pub(super) fn with_branches(query: &str, is_wanted: impl Fn(&str) -> bool) -> String {
    let mut kept = String::with_capacity(query.len());
    let mut is_kept = true;
    for line in query.lines() {
        let branch = line.strip_prefix("-- {if ").and_then(|rest| rest.strip_suffix('}'));
        if let Some(branch) = branch {
            is_kept = is_wanted(branch);
        } else if line == "-- {end}" {
            is_kept = true;
        } else if is_kept {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// An operator class.
#[derive(Debug)]
pub(super) struct Opclass {
    pub(super) name: String,
    pub(super) is_default: bool,
}

/// A part of a table that has texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The column of a table, by its number.
    Column(i64, i64),
    Constraint(i64),
    Index(i64),
    /// The partition key of a table.
    Table(i64),
}

/// The catalogue rows that describe tables.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    default_schema: String,
    scratch: Option<String>,
    pub(super) relations: BTreeMap<i64, Relation>,
    pub(super) columns: BTreeMap<i64, Vec<ColumnRow>>,
    pub(super) not_null: BTreeMap<i64, Vec<NotNullRow>>,
    /// The names of types, by oid and modifier.
    pub(super) types: BTreeMap<(i64, i64), String>,
    pub(super) constraints: BTreeMap<i64, Vec<ConstraintRow>>,
    pub(super) indexes: BTreeMap<i64, Vec<IndexRow>>,
    pub(super) opclasses: BTreeMap<i64, Opclass>,
    /// The parameters of operator classes, by index and position.
    pub(super) opclass_options: BTreeMap<(i64, i64), Parameters>,
    pub(super) collations: BTreeMap<i64, String>,
    /// True if there are privileges on single columns.
    pub(super) has_column_grants: bool,
    /// The functions and operators that the server calls for the texts of tables.
    calls: BTreeMap<Part, Vec<ObjectId>>,
    members: BTreeMap<String, BTreeSet<i64>>,
    /// The types and routines of the default schema and of the scratch that are found with their schema
    /// only.
    shadowed: BTreeSet<ObjectId>,
}

impl Catalog {
    /// Reads the rows of the largest answers while the server works on the next one.
    pub(super) async fn read(
        connection: &Connection<'_>,
        scope: &Scope,
        session: &Session,
    ) -> Result<Self, DriverError> {
        let fill = |query| scope.fill(query, session.version);
        let shadowed = session.only_branches(include_str!("shadowed.sql"));
        let shadowed = with_signatures(&shadowed);
        let calls = if session.may_find("function") || session.may_find("operator") {
            with_signatures(include_str!("call.sql"))
        } else {
            NOTHING.to_owned()
        };
        let small = [
            include_str!("member.sql"),
            include_str!("table.sql"),
            include_str!("type.sql"),
            include_str!("opclass.sql"),
            &shadowed,
            &calls,
        ]
        .map(fill);
        let small: Vec<&str> = small.iter().map(String::as_str).collect();
        let columns = fill(include_str!("column.sql"));
        let constraints = fill(include_str!("constraint.sql"));
        let indexes = fill(include_str!("index.sql"));
        let not_null = fill(&include_str!("not_null.sql").replace("{name_above}", NAME_ABOVE));
        let large = try_join4(
            grouped(connection, &columns, "attrelid", ColumnRow::read),
            grouped(connection, &constraints, "conrelid", ConstraintRow::read),
            grouped(connection, &indexes, "indrelid", IndexRow::read),
            async {
                if session.version < 180_000 {
                    return Ok(BTreeMap::new());
                }
                grouped(connection, &not_null, "conrelid", NotNullRow::read).await
            },
        );
        let (answers, (columns, constraints, indexes, not_null)) =
            try_join(connection.query_all(&small), large).await?;
        let mut catalog = Self { columns, constraints, indexes, not_null, ..Self::default() };
        catalog.default_schema.clone_from(&session.default_schema);
        catalog.scratch.clone_from(&session.scratch);
        catalog.take(answers)?;
        catalog.read_collations(connection).await?;
        Ok(catalog)
    }

    fn take(&mut self, answers: Vec<Vec<Row>>) -> Result<(), RowError> {
        let Ok([members, tables, types, opclasses, shadowed, calls]) =
            <[Vec<Row>; 6]>::try_from(answers)
        else {
            return Err(array::error("", "expected an answer for each query"));
        };
        for row in members {
            let of = self.members.entry(row.text("catalog")?.to_owned()).or_default();
            of.insert(row.number("objid")?);
        }
        for row in tables {
            // Partitions and relations of an extension are not reflected.
            let is_left_out = row.flag("is_left_out")?;
            let oid = row.number("oid")?;
            if !is_left_out && !self.is_member("pg_class", oid) {
                let schema = self.schema(row.optional("nspname")?);
                let type_schema = self.schema(row.optional("type_schema")?);
                self.relations.insert(oid, Relation::read(&row, schema, type_schema)?);
            }
        }
        for row in types {
            let key = (row.number("atttypid")?, row.number("atttypmod")?);
            let name = row.text("name")?;
            let schema = self.schema(row.optional("unsaid")?);
            let schema = match schema {
                Some(schema) if !self.is_member("pg_type", row.number("element")?) => {
                    PG.quote(&schema) + "."
                }
                Some(_) | None => String::new(),
            };
            self.types.insert(key, schema + name);
            self.has_column_grants |= row.flag("has_grants")?;
            if row.optional("attoptions")?.is_some() {
                let key = (row.number("relation")?, row.number("number")?);
                self.opclass_options.insert(key, array::options(&row, "attoptions")?);
            }
        }
        for row in opclasses {
            let (name, is_default) = (row.text("name")?.to_owned(), row.flag("opcdefault")?);
            self.opclasses.insert(row.number("oid")?, Opclass { name, is_default });
        }
        for row in shadowed {
            self.shadowed.insert(self.named(&row)?);
        }
        for row in calls {
            let called = self.findable(self.named(&row)?);
            self.calls.entry(part(&row)?).or_default().push(called);
        }
        Ok(())
    }

    /// Returns the identity of the object that a row names.
    fn named(&self, row: &Row) -> Result<ObjectId, RowError> {
        let schema = self.schema(row.optional("namespace")?);
        let name = QualifiedName::new(schema, row.text("name")?);
        let signature = row.optional("signature")?.map(str::to_owned);
        let kind = kind(row.text("kind")?, "kind")?;
        Ok(ObjectId { signature, ..ObjectId::new(kind, name) })
    }

    /// Returns an expression, with what the server calls for the parts of a table that have it.
    pub(super) fn expression(&self, text: &str, parts: &[Part]) -> SqlText {
        let calls = parts.iter().filter_map(|part| self.calls.get(part)).flatten();
        let mut calls: Vec<ObjectId> = calls.cloned().collect();
        calls.sort();
        calls.dedup();
        SqlText::new(without_parentheses(text, PG)).calling(calls)
    }

    /// Reads the names of collations that index keys have and that differ from those of the
    /// columns. Most databases need no query for this.
    async fn read_collations(&mut self, connection: &Connection<'_>) -> Result<(), DriverError> {
        let wanted: BTreeSet<i64> = self
            .indexes
            .values()
            .flatten()
            .flat_map(|index| index.collations.iter().copied())
            .filter(|oid| *oid != 0 && *oid != DEFAULT_COLLATION)
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let oids: Vec<String> = wanted.iter().map(i64::to_string).collect();
        let query = include_str!("collation.sql").replace("{oids}", &oids.join(", "));
        for row in connection.query(&query).await? {
            self.collations.insert(row.number("oid")?, row.text("name")?.to_owned());
        }
        self.collations.insert(DEFAULT_COLLATION, "default".to_owned());
        Ok(())
    }

    /// Returns true if the object belongs to an extension.
    pub(super) fn is_member(&self, catalog: &str, oid: i64) -> bool {
        self.members.get(catalog).is_some_and(|oids| oids.contains(&oid))
    }

    /// Returns the schema for use in names: `None` for the default schema and for
    /// the scratch.
    pub(super) fn schema(&self, schema: Option<&str>) -> Option<String> {
        schema
            .filter(|schema| *schema != self.default_schema)
            .filter(|schema| self.scratch.as_deref() != Some(*schema))
            .filter(|schema| !schema.starts_with("pg_temp"))
            .map(str::to_owned)
    }

    /// Returns the identity of an object, with the default schema where SQL without it means an object of
    /// the server itself.
    pub(super) fn findable(&self, mut id: ObjectId) -> ObjectId {
        if id.name.schema.is_none() && self.shadowed.contains(&id) {
            id.name.schema = Some(self.default_schema.clone());
        }
        id
    }

    /// Returns the name of a column by its number.
    pub(super) fn column_name(&self, table: i64, number: i64) -> Result<String, RowError> {
        let rows = self.columns.get(&table);
        let found = rows.and_then(|rows| rows.iter().find(|row| row.number == number));
        let found = found.ok_or_else(|| array::error("attnum", "names no column of its table"))?;
        Ok(found.name.to_string())
    }

    /// Returns the names of columns by their numbers.
    pub(super) fn column_names(
        &self,
        table: i64,
        numbers: &[i64],
    ) -> Result<Vec<String>, RowError> {
        let mut names = Vec::with_capacity(numbers.len());
        for number in numbers {
            names.push(self.column_name(table, *number)?);
        }
        Ok(names)
    }
}

/// Reads which part of a table a row is about.
fn part(row: &Row) -> Result<Part, RowError> {
    let oid = row.number("oid")?;
    match row.text("part")? {
        "column" => Ok(Part::Column(oid, row.number("number")?)),
        "constraint" => Ok(Part::Constraint(oid)),
        "index" => Ok(Part::Index(oid)),
        "table" => Ok(Part::Table(oid)),
        _ => Err(array::error("part", "is no part that was asked for")),
    }
}

/// Reads the rows of a query, by the number in a column.
async fn grouped<T: Send>(
    connection: &Connection<'_>,
    query: &str,
    column: &str,
    read: impl Fn(&Row) -> Result<T, RowError> + Send + Sync,
) -> Result<BTreeMap<i64, Vec<T>>, DriverError> {
    let mut groups: BTreeMap<i64, Vec<T>> = BTreeMap::new();
    let insert = |row: Row| {
        groups.entry(row.number(column)?).or_default().push(read(&row)?);
        Ok(())
    };
    connection.for_each_row(query, insert).await?;
    Ok(groups)
}
