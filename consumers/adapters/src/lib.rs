//! The tests of connections that belong to an application. They are a project of their own, because
//! no other part of the repository compiles sqlx and diesel.
