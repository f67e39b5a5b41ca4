//! Comparison of the models with a live database: reflect, settle spellings, and plan both ways.

use std::collections::{BTreeMap, BTreeSet};

use aludel_compare::{AskedRename, Impossible, Joining, LeftAlone, Plan, Renamed, Way};
use aludel_dialect::Dialect;
use aludel_driver::{Connection, DatabaseUrl, DriverError, OpenMode};
use aludel_models::{ModelError, Origins, Position, Resolved};
use aludel_operations::Operation;
use aludel_reflect::{
    DatabaseSide, Leftover, Part, Place, Reflection, RowCount, Settled, SpellingError, Uncompared,
    leave_unread,
};
use aludel_revision::{Anchor, RevisionMap, Symbol};
use aludel_runtime::{Identity, Runner, Silent, VersionTable};
use aludel_schema::{
    Constraint, ConstraintKind, Definition, Kind, Metadata, ObjectId, QualifiedName, Scope,
};

use crate::amiss::{amiss, elsewhere, unlooked};
use crate::asked_after::ask_about;
use crate::databases::{StandIn, dialect_of};
use crate::default_schema::{misses_schema, settle_names};
use crate::error::Error;
use crate::project::Project;
use crate::server::{Scratch, is_missing};
use crate::stakes::{at_stake, destructive};
use crate::system_relations::unreachable;

/// The differences between the models and one database.
#[derive(Debug)]
pub struct Difference {
    /// The dialect of the database.
    pub dialect: Dialect,
    /// The plan from the database to the models.
    pub upgrade: Plan,
    /// The plan from the models back to the database.
    pub downgrade: Plan,
    /// The objects of the database that are in scope and that metadata can't express.
    pub leftovers: Vec<Leftover>,
    /// What the models declare and could not be compared, because the server does not let the role
    /// ask.
    pub uncompared: Vec<Uncompared>,
    /// The event triggers of the database that saw what was made for the comparison, because the role can't
    /// keep them back.
    pub seen_by: Vec<String>,
    /// The schema that the search path names first and that is not there, if the upgrade makes something
    /// without a schema, which comes into another one.
    pub missing_schema: Option<String>,
    /// The schemas that are out of scope, and the other objects that are somebody else's.
    pub left_alone: Vec<ObjectId>,
    /// The rows of the tables that lose something by the upgrade, as far as they are cheap to count.
    pub at_stake: BTreeMap<QualifiedName, RowCount>,
}

/// A comparer of a project's models with its databases.
pub struct Comparer<'a> {
    project: &'a Project,
    map: &'a RevisionMap,
    renames: &'a [AskedRename],
}

impl Difference {
    /// Returns true if nothing differs.
    pub fn is_empty(&self) -> bool {
        self.upgrade.is_empty()
    }

    /// Returns descriptions of what the upgrade destroys, with the number of rows where it is known.
    pub fn destructive(&self) -> Vec<String> {
        let each = self.upgrade.steps.iter().flat_map(|step| {
            let table = step.operations.iter().find_map(Operation::table);
            let rows = table.and_then(|table| self.at_stake.get(&table));
            let rows = rows.map(|rows| format!(" ({rows})")).unwrap_or_default();
            destructive(step).map(move |hazard| format!("{hazard}{rows}"))
        });
        each.collect()
    }
}

impl<'a> Comparer<'a> {
    /// Creates a comparer for `project`, whose revisions are `map`.
    pub fn new(project: &'a Project, map: &'a RevisionMap) -> Self {
        Self { project, map, renames: &[] }
    }

    /// Takes renames into account that are asked for on the command line.
    #[must_use]
    pub fn renaming(self, renames: &'a [AskedRename]) -> Self {
        Self { renames, ..self }
    }

    /// Compares the models with the database of a dialect: the project's own, or the one that the
    /// configuration names for that dialect. With `must_be_current`, a database that is not at the
    /// heads is refused.
    ///
    /// The models are read while the database answers.
    ///
    /// # Errors
    ///
    /// Fails if the models or the database can't be read, if there is no database for the dialect,
    /// or if the database refuses a text of the models. Problems of the models are reported first.
    pub async fn compare(
        &self,
        dialect: Dialect,
        must_be_current: bool,
    ) -> Result<Difference, Error> {
        let mut scratch = None;
        let difference = self.compare_in(dialect, must_be_current, &mut scratch).await;
        let removed = match scratch {
            Some(scratch) => scratch.remove().await,
            None => Ok(()),
        };
        let difference = difference?;
        removed?;
        Ok(difference)
    }

    /// Compares as [`compare`](Self::compare) does, and puts the database that was made for it into
    /// `scratch`.
    async fn compare_in(
        &self,
        dialect: Dialect,
        must_be_current: bool,
        scratch: &mut Option<Scratch>,
    ) -> Result<Difference, Error> {
        let project = self.project.clone();
        let reading = tokio::task::spawn_blocking(move || models(&project, dialect));
        let own = self.project.dialect()?;
        let reflected = self.reflected(dialect, must_be_current, scratch).await;
        let mut models = reading.await.map_err(|error| Error::System {
            what: "can't read the models",
            source: std::io::Error::other(error),
        })??;
        let (connection, reflection) = reflected?;
        models.has_object_files |= self.project.config.objects.is_some();
        let (database, schema) = (&reflection.metadata, &reflection.default_schema);
        settle_names(&connection, dialect, &mut models.metadata, database, schema).await?;
        let cant =
            AskedRename::add_all(self.renames, dialect, &reflection.metadata, &mut models.metadata);
        // Another dialect may not have the kind of object, as SQLite has no enum types.
        if let Some(cant) = cant.filter(|_| dialect == own) {
            return Err(cant.into());
        }
        let scope = &self.project.config.scope;
        if would_drop_all_tables(dialect, scope, &models.metadata, &reflection) {
            return Err(Error::NoModels { patterns: self.project.config.models.clone() });
        }
        Difference::between(&connection, dialect, models, reflection, scope).await
    }

    async fn reflected(
        &self,
        dialect: Dialect,
        must_be_current: bool,
        scratch: &mut Option<Scratch>,
    ) -> Result<(Connection<'static>, Reflection), Error> {
        let (connection, name) = match self.database(dialect, scratch).await {
            Ok(found) => found,
            Err(error) => {
                if must_be_current {
                    self.check_own(dialect).await?;
                }
                return Err(error);
            }
        };
        if must_be_current {
            let table = self.project.version_table(dialect);
            self.check_current(&connection, &table, &name).await?;
        }
        let reflection = reflected(&connection, &self.project.config.version_table).await?;
        Ok((connection, reflection))
    }

    /// Returns a connection to the database of a dialect, and the database's name for messages.
    async fn database(
        &self,
        dialect: Dialect,
        scratch: &mut Option<Scratch>,
    ) -> Result<(Connection<'static>, String), Error> {
        let own = self.project.database_url()?;
        if dialect_of(&own) == dialect {
            let connection = self.project.connect(OpenMode::Read).await?;
            return Ok((connection, own.to_string()));
        }
        match StandIn::of(&self.project.config.database, dialect) {
            StandIn::Url(url) => {
                let url = DatabaseUrl::parse(url, &self.project.root)?;
                match Connection::open(&url, OpenMode::Read).await {
                    Ok(connection) => Ok((connection, url.to_string())),
                    Err(error) if is_missing(&error) => {
                        let url = scratch.insert(Scratch::create(&url).await?).url();
                        let connection = self.replayed(dialect, &url).await?;
                        Ok((connection, "the revisions replayed in a new database".to_owned()))
                    }
                    Err(source) => Err(Error::StandIn { dialect: dialect.name(), source }),
                }
            }
            StandIn::Replay => {
                let url = DatabaseUrl::parse("sqlite::memory:", &self.project.root)?;
                let connection = self.replayed(dialect, &url).await?;
                Ok((connection, "the revisions replayed in memory".to_owned()))
            }
            StandIn::None => Err(Error::NoDatabaseFor { dialect: dialect.name() }),
        }
    }

    /// Returns an empty database after all revisions were applied to it.
    async fn replayed(
        &self,
        dialect: Dialect,
        url: &DatabaseUrl,
    ) -> Result<Connection<'static>, Error> {
        let connection = Connection::open(url, OpenMode::Write).await?;
        let table = self.project.version_table(dialect);
        let runner = Runner::new(&connection, self.map, table, Identity::default())
            .steps(&self.project.steps);
        let heads = Symbol { branch: None, anchor: Some(Anchor::Heads), distance: 0 };
        runner.upgrade(&heads, &mut Silent).await?;
        Ok(connection)
    }

    /// Fails if the project's own database is not at the heads. A missing database of another
    /// dialect is the smaller problem then.
    async fn check_own(&self, missing: Dialect) -> Result<(), Error> {
        let own = self.project.database_url()?;
        let dialect = dialect_of(&own);
        if dialect == missing {
            return Ok(());
        }
        let connection = self.project.connect(OpenMode::Read).await?;
        let table = self.project.version_table(dialect);
        self.check_current(&connection, &table, &own.to_string()).await
    }

    async fn check_current(
        &self,
        connection: &Connection<'_>,
        table: &VersionTable,
        database: &str,
    ) -> Result<(), Error> {
        let (map, current) = {
            let rows = table.heads(connection).await?;
            self.map.seen_from(&rows)?
        };
        let (_, unknown) = map.known(&current);
        if !unknown.is_empty() {
            let unknown = unknown.into_iter().map(str::to_owned).collect();
            return Err(Error::UnknownInDatabase { unknown, database: database.to_owned() });
        }
        let applied: Vec<&str> = map.current(&current).iter().map(|r| r.id.as_str()).collect();
        let heads: Vec<String> = map.heads().iter().map(|r| r.id.clone()).collect();
        if heads.iter().all(|head| applied.contains(&head.as_str())) {
            return Ok(());
        }
        Err(Error::NotUpToDate { database: database.to_owned(), current, heads })
    }
}

/// Reflects a database, without the version table and the journal.
pub(crate) async fn reflected(
    connection: &Connection<'_>,
    version_table: &str,
) -> Result<Reflection, Error> {
    let table = QualifiedName::parse(version_table);
    let ours = [table.sibling(format!("{}_log", table.name)), table];
    Ok(aludel_reflect::reflect(connection, &ours).await?)
}

/// Returns true if there is no model at all, though the database has tables that are not left alone. Object
/// files may be all that a database without tables needs.
fn would_drop_all_tables(
    dialect: Dialect,
    scope: &Scope,
    target: &Metadata,
    reflection: &Reflection,
) -> bool {
    let left_alone = LeftAlone::new(dialect, scope, &reflection.default_schema, target);
    let mut tables = reflection.metadata.tables.keys();
    target.tables.is_empty()
        && tables.any(|name| !left_alone.covers(&ObjectId::table(name), target))
}

/// Reads the models of a project for a dialect.
fn models(project: &Project, dialect: Dialect) -> Result<Resolved, Error> {
    let models = project.models()?;
    models.metadata(dialect, &project.config.types).map_err(Error::Models)
}

impl Difference {
    /// Compares any metadata with a live database: reflects, settles spellings, and plans both
    /// ways. `version_table` and its journal are left out.
    ///
    /// # Errors
    ///
    /// Fails if the database can't be read, or if it refuses a text of the metadata.
    pub async fn of(
        connection: &Connection<'_>,
        dialect: Dialect,
        metadata: Metadata,
        version_table: &str,
    ) -> Result<Self, Error> {
        let reflection = reflected(connection, version_table).await?;
        let mut models = Resolved { metadata, origins: Origins::default(), has_object_files: true };
        let (database, schema) = (&reflection.metadata, &reflection.default_schema);
        settle_names(connection, dialect, &mut models.metadata, database, schema).await?;
        Self::between(connection, dialect, models, reflection, &Scope::all()).await
    }

    async fn between(
        connection: &Connection<'_>,
        dialect: Dialect,
        models: Resolved,
        reflection: Reflection,
        scope: &Scope,
    ) -> Result<Self, Error> {
        let Resolved { metadata: mut target, origins, has_object_files } = models;
        let Reflection { metadata: mut database, mut leftovers, partitions, default_schema } =
            reflection;
        let left_alone = LeftAlone::new(dialect, scope, &default_schema, &target)
            .with_partitions(partitions)
            .with_moved(&database, &target);
        let misplaced = carried_over(&left_alone, &database, &mut target, &origins)?;
        // What no schema holds may be of another project in the same database, so that it is
        // compared only if it is declared.
        let declared: BTreeSet<ObjectId> = target.definitions.keys().cloned().collect();
        let managed = |id: &ObjectId| {
            let is_shared = id.kind.has_no_schema() && id.kind != Kind::Cast;
            has_object_files
                && dialect.kind_facts(id.kind).is_some()
                && (!is_shared || declared.contains(id))
        };
        detach(connection, dialect, &mut database, &target, managed).await?;
        aludel_compare::name_inherited(&mut database);
        let mut renamed = Renamed::hinted(dialect, &database, &target);
        left_alone.carry_over(&renamed.metadata, &mut target);
        renamed.carry_over(&mut target, managed);
        left_alone.keep_references(&renamed.metadata, &mut target, managed);
        if !has_object_files {
            keep_comments(&renamed, &mut target);
        }
        let sides = DatabaseSide { live: &database, renamed: &renamed.metadata };
        let asked = settle(connection, dialect, sides, &mut target, &default_schema, managed);
        let Settled { uncompared, seen_by } =
            asked.await.map_err(|own| refused(own, &origins, sides, &target, dialect))?;
        none_of(aludel_compare::misplaced_comments(&target), &origins, None)?;
        renamed.follow_views(&target);
        aludel_compare::keep_checks(&renamed.metadata, &mut target);
        aludel_compare::carry_over(dialect, &renamed.metadata, &mut target, scope.manage);
        let mut upgrade = aludel_compare::plan(&renamed, &target, Way::Forward);
        refuse(&mut upgrade, misplaced);
        upgrade.impossible.extend(unreachable(connection, &upgrade).await?);
        let sides = aludel_compare::Pair::new(renamed.metadata.as_ref(), &target);
        let unread = unread(&leftovers, &database);
        let held = aludel_compare::held(dialect, sides, upgrade.operations(), &unread);
        upgrade.impossible.extend(held);
        let mut downgrade = way_back(&upgrade, &renamed, &database, &target);
        let both = [&mut upgrade, &mut downgrade];
        ask_about(connection, dialect, both, &database, &target).await?;
        let unmanaged = database.definitions.keys().filter(|id| !managed(id));
        leftovers.extend(unmanaged.map(|id| Leftover { object: id.clone(), aspect: None }));
        let left_alone = take_left_alone(&left_alone, &mut leftovers, &target);
        Ok(Self {
            dialect,
            at_stake: at_stake(connection, &upgrade, &renamed, &target).await?,
            missing_schema: misses_schema(&database, &upgrade),
            upgrade,
            downgrade,
            leftovers,
            uncompared,
            seen_by,
            left_alone,
        })
    }
}

/// Gives the target what is left alone, and returns the declared objects outside of the scope. Fails if any other
/// declared trigger, rule or policy is one of a table that is not there.
fn carried_over(
    left_alone: &LeftAlone<'_>,
    database: &Metadata,
    target: &mut Metadata,
    origins: &Origins,
) -> Result<Vec<Impossible>, Error> {
    let misplaced = left_alone.misplaced(target);
    left_alone.carry_over(database, target);
    let mut ownerless = left_alone.ownerless(target);
    ownerless.retain(|own| misplaced.iter().all(|other| other.object != own.object));
    let help = "a name without a schema is one of the default schema";
    none_of(ownerless, origins, Some(help)).map(|()| misplaced)
}

/// Fails, with the places, if there is anything that a database does not let be declared.
fn none_of(found: Vec<Impossible>, origins: &Origins, help: Option<&str>) -> Result<(), Error> {
    let error = |Impossible { object, reason }: Impossible| {
        let origin = origins.find(&object);
        ModelError {
            path: origin.map(|origin| origin.path.to_owned()).unwrap_or_default(),
            at: origin.map(|origin| origin.at).unwrap_or_default(),
            message: format!("{object}: {reason}"),
            help: help.map(str::to_owned),
        }
    };
    match found.is_empty() {
        true => Ok(()),
        false => Err(Error::Models(found.into_iter().map(error).collect())),
    }
}

/// Refuses declared objects outside of the scope, for that reason and no other one.
fn refuse(plan: &mut Plan, misplaced: Vec<Impossible>) {
    plan.impossible.retain(|own| misplaced.iter().all(|other| other.object != own.object));
    plan.impossible.extend(misplaced);
}

/// Takes what is somebody else's out of the leftovers, which are sorted. Returns all that is.
fn take_left_alone(
    left_alone: &LeftAlone<'_>,
    leftovers: &mut Vec<Leftover>,
    target: &Metadata,
) -> Vec<ObjectId> {
    let mut others: BTreeSet<ObjectId> =
        target.left_alone.iter().filter_map(|id| left_alone.reported(id)).collect();
    leftovers.retain(|leftover| {
        let is_others = left_alone.covers(&leftover.object, target);
        let own = is_others.then(|| left_alone.reported(&leftover.object));
        others.extend(own.flatten());
        !is_others
    });
    leftovers.sort();
    others.into_iter().collect()
}

/// Gives the target the comments that only an object file can state.
fn keep_comments(renamed: &Renamed<'_>, target: &mut Metadata) {
    let there = renamed.metadata.comments.iter().filter(|(id, _)| target.has_commented(id));
    target.comments = there.map(|(id, text)| (id.clone(), text.clone())).collect();
}

/// Plans the way from the target back to the database. There is none without an upgrade.
fn way_back(upgrade: &Plan, renamed: &Renamed<'_>, database: &Metadata, target: &Metadata) -> Plan {
    if upgrade.is_empty() {
        return Plan::default();
    }
    let mut back = Renamed::by(renamed.dialect, target, database, renamed.renames.reversed());
    back.follow_views(database);
    aludel_compare::plan(&back, database, Way::Back)
}

/// Takes the partitions that the target has as tables for what they are apart from the tables above them.
async fn detach(
    connection: &Connection<'_>,
    dialect: Dialect,
    database: &mut Metadata,
    target: &Metadata,
    managed: impl Fn(&ObjectId) -> bool,
) -> Result<(), Error> {
    let mut leaving = aludel_compare::leaving(dialect, database, target);
    leaving.retain(|name| managed(&ObjectId::new(Kind::Partition, name.clone())));
    if !leaving.is_empty() {
        let tables = aludel_reflect::detached_partitions(connection, &leaving).await?;
        aludel_compare::detach(database, tables);
    }
    Ok(())
}

/// Settles the texts of the target, and names that nobody states, as far as the role may read what the
/// database has. The texts of tables that become
/// partitions are those of the tables above them, which are settled first.
async fn settle(
    connection: &Connection<'_>,
    dialect: Dialect,
    sides: DatabaseSide<'_>,
    target: &mut Metadata,
    default_schema: &str,
    managed: impl Fn(&ObjectId) -> bool,
) -> Result<Settled, SpellingError> {
    let mut uncompared = leave_unread(sides.renamed, target, managed);
    let settled = aludel_reflect::settle(connection, dialect, sides, target, default_schema);
    let mut settled = settled.await?;
    uncompared.append(&mut settled.uncompared);
    settled.uncompared = uncompared;
    let joining = Joining::take(dialect, sides.renamed, target);
    if !joining.is_empty() {
        aludel_reflect::settle(connection, dialect, sides, target, default_schema).await?;
        joining.finish(dialect, sides.renamed, target);
    }
    aludel_compare::keep_names(dialect, sides.renamed, target);
    aludel_compare::keep_unsaid(dialect, sides.renamed, target);
    Ok(settled)
}

/// Returns the leftovers that metadata has no object for, and what they are called.
fn unread(leftovers: &[Leftover], database: &Metadata) -> Vec<(ObjectId, String)> {
    let is_read = |id: &ObjectId| match id.kind {
        Kind::Table => database.tables.contains_key(&id.name),
        Kind::Sequence => database.sequences.contains_key(&id.name),
        _ => database.definitions.contains_key(id),
    };
    let unread = leftovers.iter().filter(|leftover| !is_read(&leftover.object));
    unread.map(|leftover| (leftover.object.clone(), leftover.to_string())).collect()
}

/// Returns the error for a text of the models that the server refuses, with its place in the
/// source.
fn refused(
    mut error: SpellingError,
    origins: &Origins,
    sides: DatabaseSide<'_>,
    target: &Metadata,
    dialect: Dialect,
) -> Error {
    let Some(place) = error.place else { return error.source.into() };
    let origin = match place.part {
        Part::Default => origins.find_attribute(&place.object, "default"),
        Part::Generated => origins.find_attribute(&place.object, "generated"),
        Part::Type => origins.find_attribute(&place.object, "type"),
        Part::Using => origins.find_attribute(&place.object, "using"),
        Part::PartitionKey => origins.find_attribute(&place.object, "partition_by"),
        Part::Options | Part::Whole => origins.find(&place.object),
        Part::Attribute(number) => origins.find_statement(&place.object, number),
    };
    let mut at = origin.map(|origin| origin.at).unwrap_or_default();
    let declared = target.definitions.get(&place.object).and_then(|own| said(own, place.part));
    if let DriverError::Statement(refused) = &mut error.source
        && let Some((text, position)) = declared.zip(refused.position.take())
    {
        at = within(at, text, position);
    }
    if let DriverError::Statement(refused) = &mut error.source {
        refused.sql = written(&place, target).map(str::to_owned).or(refused.sql.take());
        let amiss = unlooked(refused, sides.live)
            .or_else(|| amiss(&place.object, refused, sides.renamed, target, dialect));
        let amiss = amiss.or_else(|| elsewhere(refused, sides.live, target));
        refused.hint = amiss.or(refused.hint.take());
    }
    Error::Refused {
        place: place.to_string(),
        path: origin.map(|origin| origin.path.to_owned()),
        line: at.line as usize,
        column: at.column as usize,
        source: error.source,
    }
}

/// Returns the statement of an object file for a definition or an attribute of it.
fn said(definition: &Definition, part: Part) -> Option<&str> {
    match part {
        Part::Attribute(number) => definition.attributes.get(number).map(String::as_str),
        Part::Whole
        | Part::Default
        | Part::Generated
        | Part::Type
        | Part::Using
        | Part::PartitionKey
        | Part::Options => definition.source.as_deref(),
    }
}

/// Returns the text of the models at a place, if it is one text.
fn written<'m>(place: &Place, target: &'m Metadata) -> Option<&'m str> {
    let object = &place.object;
    if let Some(definition) = target.definitions.get(object) {
        return said(definition, place.part);
    }
    let table = target.tables.get(object.table.as_ref().unwrap_or(&object.name))?;
    let column = table.columns.iter().find(|column| *column.name == object.name.name);
    match place.part {
        Part::Type => Some(&column?.sql_type.written),
        Part::Default => Some(&column?.default.as_ref()?.written),
        Part::Generated => Some(&column?.generated.as_ref()?.expression.written),
        Part::Using => column?.using.as_deref(),
        Part::PartitionKey => Some(&table.options.partition_by.as_ref()?.written),
        Part::Options | Part::Attribute(_) => None,
        Part::Whole => {
            let named =
                |constraint: &&Constraint| constraint.name.as_ref() == Some(&object.name.name);
            match &table.constraints.iter().find(named)?.kind {
                ConstraintKind::Check { expression, .. } => Some(&expression.written),
                ConstraintKind::Exclusion { definition } => Some(&definition.written),
                ConstraintKind::PrimaryKey { .. }
                | ConstraintKind::Unique { .. }
                | ConstraintKind::ForeignKey(_) => None,
            }
        }
    }
}

/// Returns the position of a character, counted from 1, of a text that begins at a position.
fn within(start: Position, text: &str, character: usize) -> Position {
    let end = text.char_indices().nth(character.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    start.after(&text[..end])
}
