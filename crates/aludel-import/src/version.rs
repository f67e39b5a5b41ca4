//! The forms of versions.

/// The maximal length of an id.
const LONGEST: usize = 32;

/// Returns a number without leading zeros.
pub(crate) fn plain(version: &str) -> String {
    match version.trim_start_matches('0') {
        "" => "0".to_owned(),
        rest => rest.to_owned(),
    }
}

/// Returns a version of numbers with dots or underscores between, without leading zeros in them and
/// without zeros at the end, which mean nothing to Flyway.
pub(crate) fn dotted(version: &str) -> String {
    let mut parts: Vec<String> = version.split(['.', '_']).map(plain).collect();
    while parts.len() > 1 && parts.last().is_some_and(|part| part == "0") {
        parts.pop();
    }
    parts.join(".")
}

/// Returns the numbers of a version, for sorting; `None` if a part is no number.
pub(crate) fn numbers(version: &str) -> Option<Vec<u128>> {
    dotted(version).split('.').map(|part| part.parse().ok()).collect()
}

/// Returns a name that fits into an id: the name itself, or the beginning of it with a checksum of
/// the whole.
pub(crate) fn short(name: &str) -> String {
    /// The FNV-1a hash of 32 bits.
    const OFFSET: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let sum = name.bytes().fold(OFFSET, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(PRIME));
    let start: String = name.chars().take(LONGEST - 9).collect();
    format!("{start}_{sum:08x}")
}

/// Returns the time that a version of 14 digits states, in RFC 3339; `None` for any other version,
/// and for digits that are no time.
pub(crate) fn time(version: &str) -> Option<String> {
    let is_time = version.len() == 14 && version.bytes().all(|byte| byte.is_ascii_digit());
    let part = |from: usize, to: usize| is_time.then(|| &version[from..to]);
    let within = |text: &str, least: u32, most: u32| {
        text.parse::<u32>().is_ok_and(|number| (least..=most).contains(&number))
    };
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let is_valid = within(year, 1970, 9999)
        && within(month, 1, 12)
        && within(day, 1, 31)
        && within(hour, 0, 23)
        && within(minute, 0, 59)
        && within(second, 0, 59);
    is_valid.then(|| format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_mean_the_same_are_equal() {
        for (one, other) in [("1", "001"), ("0", "000")] {
            assert_eq!(plain(one), plain(other));
        }
        for (one, other) in [("1", "1.0"), ("1_2", "1.2"), ("001.02", "1.2.0")] {
            assert_eq!(dotted(one), dotted(other));
        }
        assert_ne!(dotted("1.2"), dotted("1.20"));
        assert_eq!(numbers("1.10"), Some(vec![1, 10]));
        assert_eq!(numbers("1.x"), None);
    }

    #[test]
    fn a_long_name_gets_a_checksum() {
        assert_eq!(short("m20220101_000001_create_table"), "m20220101_000001_create_table");
        let long = "m20220101_000001_create_table_of_everything";
        assert_eq!(short(long).len(), 32);
        assert!(short(long).starts_with("m20220101_000001_create_"));
        assert_ne!(short(long), short(&format!("{long}s")));
        assert_eq!(short(&short(long)), short(long));
    }

    #[test]
    fn only_a_time_is_a_time() {
        assert_eq!(time("20230102030405").as_deref(), Some("2023-01-02T03:04:05Z"));
        for version in ["20231302030405", "1", "99999999999999", "2023010203040x"] {
            assert_eq!(time(version), None, "{version}");
        }
    }
}
