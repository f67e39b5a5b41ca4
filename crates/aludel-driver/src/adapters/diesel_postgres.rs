//! A connection of diesel to PostgreSQL, through libpq.
//!
//! The calls block the thread that drives the run, so that an observer can't stop a statement. There
//! is no COPY, there are no notices and no second session. A row is read from the binary values of
//! the types that a run asks for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::connection::{DefaultLoadingMode, LoadConnection, SimpleConnection as _};
use diesel::pg::{PgConnection, PgValue};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::row::{Field as _, Row as _};
use diesel::{RunQueryDsl as _, sql_query};

use crate::connect::Connect;
use crate::connection::Connection;
use crate::error::{DriverError, StatementError};
use crate::open_mode::OpenMode;
use crate::row::Row;
use crate::script::{ScriptAnswer, ScriptFailure};
use crate::session::{DatabaseKind, Pending, Session};

impl<'c> Connect<'c> for &'c mut PgConnection {
    async fn connect(self, _: OpenMode) -> Result<Connection<'c>, DriverError> {
        Ok(Connection::of(DieselSession(Mutex::new(self))))
    }
}

struct DieselSession<'c>(Mutex<&'c mut PgConnection>);

impl<'c> DieselSession<'c> {
    fn lock(&self) -> MutexGuard<'_, &'c mut PgConnection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rows(&self, sql: &str) -> Result<Vec<Row>, DriverError> {
        let mut connection = self.lock();
        let mut columns: Option<Arc<[Box<str>]>> = None;
        let mut rows = Vec::new();
        let answer = LoadConnection::<DefaultLoadingMode>::load(&mut **connection, sql_query(sql));
        for row in answer.map_err(|error| failed(&error))? {
            let row = row.map_err(|error| failed(&error))?;
            let names = columns.get_or_insert_with(|| {
                let names = (0..row.field_count()).filter_map(|at| row.get(at));
                names.map(|field| field.field_name().unwrap_or_default().into()).collect()
            });
            let mut values = Vec::with_capacity(names.len());
            for field in (0..row.field_count()).filter_map(|at| row.get(at)) {
                let name = field.field_name().unwrap_or_default().to_owned();
                values.push(field.value().map(|value| text(&name, &value)).transpose()?);
            }
            rows.push(Row::new(names, values.iter().map(Option::as_deref)));
        }
        Ok(rows)
    }
}

impl Session for DieselSession<'_> {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Postgres
    }

    fn run<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        Box::pin(async move {
            let touched = sql_query(sql).execute(*self.lock()).map_err(|error| failed(&error))?;
            Ok(u64::try_from(touched).unwrap_or_default())
        })
    }

    /// libpq tells diesel neither the rows of a script nor how many of its statements were done.
    fn run_script<'a>(
        &'a self,
        statements: &'a str,
    ) -> Pending<'a, Result<ScriptAnswer, ScriptFailure>> {
        Box::pin(async move {
            match self.lock().batch_execute(statements) {
                Ok(()) => Ok(ScriptAnswer::default()),
                Err(error) => Err(ScriptFailure { completed: 0, error: failed(&error) }),
            }
        })
    }

    fn query<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<Vec<Row>, DriverError>> {
        Box::pin(async move { self.rows(sql) })
    }

    fn is_in_transaction(&self) -> Pending<'_, Result<bool, DriverError>> {
        Box::pin(crate::in_transaction::on_postgres(self))
    }
}

/// Returns the text of a binary value, by the number of its type.
fn text(column: &str, value: &PgValue<'_>) -> Result<String, DriverError> {
    let bytes = value.as_bytes();
    let wrong = |problem| crate::row::RowError { column: column.to_owned(), problem };
    let number = || -> Result<i64, crate::row::RowError> {
        let bytes: Vec<u8> = bytes.to_vec();
        let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
        let mut whole = [if negative { 0xff } else { 0 }; 8];
        let start = whole.len().checked_sub(bytes.len()).ok_or_else(|| wrong("a long number"))?;
        whole[start..].copy_from_slice(&bytes);
        Ok(i64::from_be_bytes(whole))
    };
    Ok(match value.get_oid().get() {
        // bool
        16 => if bytes == [1] { "t" } else { "f" }.to_owned(),
        // int8, int2, int4
        20 | 21 | 23 => number()?.to_string(),
        // oid
        26 => {
            let bytes: [u8; 4] = bytes.try_into().map_err(|_| wrong("a long number"))?;
            u32::from_be_bytes(bytes).to_string()
        }
        // name, text, json, unknown, bpchar, varchar
        19 | 25 | 114 | 705 | 1042 | 1043 => {
            String::from_utf8(bytes.to_vec()).map_err(|_| wrong("text that is not UTF-8"))?
        }
        // Functions such as set_config() and pg_notify() return void.
        2278 => String::new(),
        _ => return Err(wrong("a type that is not read through diesel").into()),
    })
}

fn failed(error: &Error) -> DriverError {
    let Error::DatabaseError(kind, information) = error else {
        return DriverError::Lost(error.to_string());
    };
    if matches!(kind, DatabaseErrorKind::ClosedConnection) {
        return DriverError::Lost(information.message().to_owned());
    }
    DriverError::Statement(Box::new(StatementError {
        message: information.message().to_owned(),
        detail: information.details().map(str::to_owned),
        hint: information.hint().map(str::to_owned),
        code: code(information.message()).to_owned(),
        position: information.statement_position().and_then(|at| usize::try_from(at).ok()),
        context: None,
        table: information.table_name().map(str::to_owned),
        sql: None,
    }))
}

/// diesel keeps the SQLSTATE for itself. Those that a run decides by are known by their messages.
fn code(message: &str) -> &'static str {
    let all = [
        ("SAVEPOINT can only be used in transaction blocks", "25P01"),
        ("current transaction is aborted", "25P02"),
        ("canceling statement due to lock timeout", "55P03"),
        ("deadlock detected", "40P01"),
    ];
    if message.starts_with("relation ") && message.ends_with("does not exist") {
        return "42P01";
    }
    all.iter().find(|(words, _)| message.starts_with(words)).map_or("", |(_, code)| code)
}
