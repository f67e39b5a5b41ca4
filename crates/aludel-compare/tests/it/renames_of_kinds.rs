//! Renames of objects that are no tables, and what belongs to them or names them.

use crate::build::*;
use crate::case::{case, operations};
use aludel_dialect::Dialect::Postgres;
use aludel_schema::{Definition, Kind, ObjectId, QualifiedName};

/// A definition of any kind that rests on an object.
fn own(kind: Kind, name: &str, body: &str, on: ObjectId) -> Definition {
    let mut own = view(name, body);
    own.id.kind = kind;
    own.depends_on = vec![on];
    own
}

fn named(kind: Kind, name: &str) -> ObjectId {
    ObjectId::new(kind, QualifiedName::unqualified(name))
}

/// A composite type, with nothing in it.
fn pair(name: &str) -> Definition {
    Definition::new(named(Kind::CompositeType, name), "")
}

/// A function that takes an array of a composite type.
fn taking(of: &str) -> Definition {
    let pair = named(Kind::CompositeType, of);
    let mut taking = own(Kind::Function, "f", &format!("RETURNS {of} AS 'code'"), pair);
    taking.id.signature = Some(format!("{of}[]"));
    taking
}

fn server(name: &str) -> Definition {
    Definition::new(named(Kind::ForeignServer, name), "")
}

/// The user mapping of a server.
fn mapping(name: &str) -> Definition {
    let mut mapping = own(Kind::UserMapping, name, "", named(Kind::ForeignServer, name));
    mapping.id.signature = Some("reader".to_owned());
    mapping
}

#[test]
fn what_belongs_to_a_renamed_object_or_names_its_type_follows() {
    let trigger = |of: &str| {
        let id = ObjectId::within(Kind::Trigger, &QualifiedName::unqualified(of), "into");
        Definition { id, ..own(Kind::Trigger, "into", "INSTEAD OF INSERT", named(Kind::View, of)) }
    };
    let calling = |of: &str| own(Kind::View, "calls", "SELECT f(NULL)", taking(of).id);
    operations(
        Postgres,
        [
            case(
                "the user mapping of a server",
                metadata![server("far"), mapping("far")],
                metadata![server("near"), mapping("near"), hint("foreign server near", "far")],
                ["rename foreign server far to near"],
            ),
            case(
                "the trigger of a view",
                metadata![view("v", "SELECT 1 AS a"), trigger("v")],
                metadata![view("w", "SELECT 1 AS a"), trigger("w"), hint("view w", "v")],
                ["rename view v to w"],
            ),
            case(
                "a function of a type, and a view that calls it",
                metadata![pair("pair"), taking("pair"), calling("pair")],
                metadata![
                    pair("two"),
                    taking("two"),
                    calling("two"),
                    hint("composite type two", "pair"),
                ],
                ["rename composite type pair to two"],
            ),
        ],
    );
}

#[test]
fn an_object_whose_address_has_a_new_name_in_it_waits_for_the_rename() {
    operations(
        Postgres,
        [
            case(
                "a user mapping goes after its server has the new name",
                metadata![server("far"), mapping("far")],
                metadata![server("near"), hint("foreign server near", "far")],
                ["rename foreign server far to near", "drop user mapping of reader for near"],
            ),
            case(
                "a user mapping is made again after its server has the new name",
                metadata![server("far").clause("type", None, "'a'"), mapping("far")],
                metadata![
                    server("near").clause("type", None, "'b'"),
                    mapping("near"),
                    hint("foreign server near", "far"),
                ],
                [
                    "rename foreign server far to near",
                    "drop user mapping of reader for near",
                    "drop foreign server near",
                    "create foreign server near",
                    "create user mapping of reader for near",
                ],
            ),
            case(
                "so does a function of a type",
                metadata![pair("pair"), taking("pair")],
                metadata![pair("two"), hint("composite type two", "pair"),],
                ["rename composite type pair to two", "drop function f(two[])"],
            ),
        ],
    );
}
