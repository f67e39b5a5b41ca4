//! The lag of the replicas of a server.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use aludel_driver::{Connection, DriverError};

/// The shortest time between two samples.
const SAMPLE_EVERY: Duration = Duration::from_millis(100);

/// The places that the server's log has reached, and when. `replay_lag` of `pg_stat_replication` is
/// measured when a replica confirms a place, and stands still while the replica does.
#[derive(Debug, Default)]
pub(crate) struct Replicas(VecDeque<Sample>);

#[derive(Debug)]
struct Sample {
    at: Instant,
    place: i64,
}

impl Replicas {
    /// Returns the longest replay lag of the replicas; `None` if there is no replica, or none whose
    /// lag this role may see.
    pub(crate) async fn lag(
        &mut self,
        connection: &Connection<'_>,
    ) -> Result<Option<Duration>, DriverError> {
        let query = "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0')::bigint AS here, \
                     pg_catalog.pg_wal_lsn_diff(min(replay_lsn), '0/0')::bigint AS replayed, \
                     coalesce(extract(epoch FROM max(replay_lag)) * 1000, 0)::bigint AS millis \
                     FROM pg_catalog.pg_stat_replication";
        let rows = connection.query(query).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        if row.optional("replayed")?.is_none() {
            return Ok(None);
        }
        let millis = u64::try_from(row.number("millis")?).unwrap_or_default();
        let seen = self.seen(Instant::now(), row.number("here")?, row.number("replayed")?);
        Ok(Some(seen.max(Duration::from_millis(millis))))
    }

    /// Returns the time since the log was at the first place that was not replayed yet.
    fn seen(&mut self, now: Instant, here: i64, replayed: i64) -> Duration {
        let is_due = self.0.back().is_none_or(|last| {
            last.place < here && now.saturating_duration_since(last.at) >= SAMPLE_EVERY
        });
        if is_due {
            self.0.push_back(Sample { at: now, place: here });
        }
        while self.0.front().is_some_and(|first| first.place <= replayed) {
            self.0.pop_front();
        }
        self.0.front().map_or(Duration::ZERO, |first| now.saturating_duration_since(first.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_that_stands_still_falls_behind() {
        let begun = Instant::now();
        let mut replicas = Replicas::default();
        let mut lag = |seconds, here, replayed| {
            replicas.seen(begun + Duration::from_secs(seconds), here, replayed).as_secs()
        };
        let steps = [(0, 10, 10), (1, 20, 10), (2, 30, 10), (5, 30, 10), (6, 30, 25), (7, 30, 30)];
        let lags: Vec<u64> =
            steps.into_iter().map(|(at, here, done)| lag(at, here, done)).collect();
        assert_eq!(lags, [0, 0, 1, 4, 4, 0]);
    }
}
