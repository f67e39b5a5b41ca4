//! Trying a transaction again after it was rolled back because of a lock.

use std::time::Duration;

use crate::observer::{Event, Observer};

/// The pause after the first attempt, and the longest one.
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

/// The time between two looks at the observer.
const TICK: Duration = Duration::from_millis(50);

/// Tells the observer about the attempt that failed, and waits before the next one. The pause
/// doubles with each attempt and has a random part, so that several runners do not meet again.
pub(crate) async fn pause(
    revision: &str,
    attempt: u32,
    of: u32,
    reason: &str,
    observer: &mut dyn Observer,
) {
    let pause = length(attempt, jitter());
    observer.event(Event::Retrying { revision, attempt, of, pause, reason });
    sleep(pause, observer).await;
}

/// Waits, unless the observer wants to stop.
pub(crate) async fn sleep(time: Duration, observer: &dyn Observer) {
    let mut left = time;
    while !left.is_zero() && !observer.stop() {
        let now = left.min(TICK);
        tokio::time::sleep(now).await;
        left -= now;
    }
}

/// Returns the pause after an attempt; `jitter` is from 0 to 255.
fn length(attempt: u32, jitter: u8) -> Duration {
    let doubled = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(10)).min(LONGEST);
    doubled / 2 + doubled.mul_f64(f64::from(jitter) / 512.0)
}

fn jitter() -> u8 {
    let mut byte = [0];
    match getrandom::fill(&mut byte) {
        Ok(()) => byte[0],
        // Without a source of randomness the pause has no random part.
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        let millis = |attempt, jitter| length(attempt, jitter).as_millis();
        assert_eq!((millis(1, 0), millis(1, 255)), (100, 199));
        assert_eq!((millis(3, 0), millis(3, 255)), (400, 798));
        assert_eq!((millis(50, 0), millis(50, 255)), (2500, 4990));
    }
}
