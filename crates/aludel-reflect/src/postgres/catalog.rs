//! The rows of the catalogues that describe tables, and look-ups in them.

use std::collections::{BTreeMap, BTreeSet};

use aludel_driver::{Connection, DriverError, Row};
use aludel_schema::{Parameters, QualifiedName};

use crate::array;

/// Whose tables to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All that are not the system's.
    User,
    /// The temporary ones of this session.
    Temporary,
}

impl Scope {
    /// The query with its namespaces, and with what this version of the server has.
    pub(crate) fn fill(self, query: &str, version: i64) -> String {
        let namespaces = match self {
            Self::User => {
                "n.nspname NOT IN ('pg_catalog', 'information_schema') \
                 AND n.nspname !~ '^pg_(toast|temp)'"
            }
            Self::Temporary => "n.oid = pg_my_temp_schema()",
        };
        let nulls = if version >= 150_000 { "i.indnullsnotdistinct" } else { "false" };
        let compression = if version >= 140_000 { "a.attcompression <> ''" } else { "false" };
        query
            .replace("{namespaces}", namespaces)
            .replace("{nulls_not_distinct}", nulls)
            .replace("{compression}", compression)
    }
}

/// A table or sequence.
#[derive(Debug)]
pub(crate) struct Relation {
    pub(crate) name: QualifiedName,
    pub(crate) kind: char,
    pub(crate) unlogged: bool,
    pub(crate) options: Parameters,
    pub(crate) partition_key: Option<String>,
    pub(crate) comment: Option<String>,
}

/// An operator class.
#[derive(Debug)]
pub(crate) struct Opclass {
    pub(crate) name: String,
    pub(crate) is_default: bool,
}

/// What the catalogues say of tables.
#[derive(Debug)]
pub(crate) struct Catalog {
    pub(crate) default_schema: String,
    pub(crate) relations: BTreeMap<i64, Relation>,
    pub(crate) columns: BTreeMap<i64, Vec<Row>>,
    pub(crate) types: BTreeMap<(i64, i64), String>,
    pub(crate) constraints: BTreeMap<i64, Vec<Row>>,
    pub(crate) indexes: BTreeMap<i64, Vec<Row>>,
    pub(crate) opclasses: BTreeMap<i64, Opclass>,
    pub(crate) opclass_options: BTreeMap<(i64, i64), Parameters>,
    pub(crate) collations: BTreeMap<i64, String>,
    members: BTreeMap<String, BTreeSet<i64>>,
}

impl Catalog {
    pub(crate) async fn read(
        connection: &Connection,
        scope: Scope,
        default_schema: &str,
        version: i64,
    ) -> Result<Self, DriverError> {
        let queries = [
            include_str!("members.sql"),
            include_str!("relations.sql"),
            include_str!("columns.sql"),
            include_str!("types.sql"),
            include_str!("constraints.sql"),
            include_str!("indexes.sql"),
            include_str!("opclasses.sql"),
            include_str!("opclass_options.sql"),
        ]
        .map(|query| scope.fill(query, version));
        let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
        let mut answers = connection.query_all(&queries).await?.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let mut members: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for row in next() {
            members.entry(row.text(0).to_owned()).or_default().insert(row.number(1));
        }
        let mut catalog = Self {
            default_schema: default_schema.to_owned(),
            relations: BTreeMap::new(),
            members,
            columns: BTreeMap::new(),
            types: BTreeMap::new(),
            constraints: BTreeMap::new(),
            indexes: BTreeMap::new(),
            opclasses: BTreeMap::new(),
            opclass_options: BTreeMap::new(),
            collations: BTreeMap::new(),
        };
        catalog.take_relations(&next());
        catalog.columns = grouped(next(), 0);
        catalog.types =
            next().iter().map(|r| ((r.number(0), r.number(1)), r.text(2).to_owned())).collect();
        catalog.constraints = grouped(next(), 0);
        catalog.indexes = grouped(next(), 1);
        catalog.opclasses = next()
            .iter()
            .map(|r| (r.number(0), Opclass { name: r.text(1).to_owned(), is_default: r.flag(2) }))
            .collect();
        catalog.opclass_options =
            next().iter().map(|r| ((r.number(0), r.number(1)), array::options(r.get(2)))).collect();
        catalog.read_collations(connection).await?;
        Ok(catalog)
    }

    fn take_relations(&mut self, rows: &[Row]) {
        for row in rows {
            let (is_partition, inherits) = (row.flag(6), row.flag(9));
            if is_partition || inherits || self.is_member("pg_class", row.number(0)) {
                continue;
            }
            let relation = Relation {
                name: QualifiedName::new(self.schema(row.get(1)), row.text(2)),
                kind: row.text(3).chars().next().unwrap_or('r'),
                unlogged: row.text(4) == "u",
                options: array::options(row.get(5)),
                partition_key: row.get(7).map(str::to_owned),
                comment: row.get(8).map(str::to_owned),
            };
            self.relations.insert(row.number(0), relation);
        }
    }

    /// Names of the collations that index keys have and their columns have not; seldom any.
    async fn read_collations(&mut self, connection: &Connection) -> Result<(), DriverError> {
        /// The oid of `default`.
        const DEFAULT_COLLATION: i64 = 100;
        let wanted: BTreeSet<i64> = self
            .indexes
            .values()
            .flatten()
            .flat_map(|row| array::numbers(row.text(10)))
            .filter(|oid| *oid != 0 && *oid != DEFAULT_COLLATION)
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let oids: Vec<String> = wanted.iter().map(i64::to_string).collect();
        let query = include_str!("collations.sql").replace("{oids}", &oids.join(", "));
        let rows = connection.query(&query).await?;
        self.collations = rows.iter().map(|r| (r.number(0), r.text(1).to_owned())).collect();
        self.collations.insert(DEFAULT_COLLATION, "default".to_owned());
        Ok(())
    }

    /// Whether an extension owns it.
    pub(crate) fn is_member(&self, catalog: &str, oid: i64) -> bool {
        self.members.get(catalog).is_some_and(|oids| oids.contains(&oid))
    }

    /// The schema as names carry it: none if it is the default one.
    pub(crate) fn schema(&self, schema: Option<&str>) -> Option<String> {
        schema
            .filter(|schema| *schema != self.default_schema && !schema.starts_with("pg_temp"))
            .map(str::to_owned)
    }

    /// The name of a column by its number.
    pub(crate) fn column_name(&self, table: i64, number: i64) -> String {
        self.columns
            .get(&table)
            .and_then(|rows| rows.iter().find(|row| row.number(1) == number))
            .map(|row| row.text(2).to_owned())
            .unwrap_or_default()
    }

    /// The names of columns by their numbers.
    pub(crate) fn column_names(&self, table: i64, numbers: &str) -> Vec<String> {
        array::numbers(numbers).into_iter().map(|number| self.column_name(table, number)).collect()
    }
}

fn grouped(rows: Vec<Row>, column: usize) -> BTreeMap<i64, Vec<Row>> {
    let mut groups: BTreeMap<i64, Vec<Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(row.number(column)).or_default().push(row);
    }
    groups
}
