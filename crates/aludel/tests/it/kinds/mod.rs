//! Random schemas of objects of all kinds, and the laws over them.
//!
//! A schema has a fixed set of slots, each of which holds at most one object. What an object is, is
//! decided by a handful of numbers, its choices. An object refers to other slots. If such a slot is
//! empty, the object does without, so that every set of slots is a valid schema. An edit fills or
//! empties a slot or changes a choice, and a failure is made small by undoing edits and emptying
//! slots.

mod attached;
mod functions;
mod known;
mod laws;
mod postgres;
mod shapes;
mod shared;
mod shrink;
mod sqlite;
mod tables;
mod world;
