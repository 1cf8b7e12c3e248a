//! Pages of lists: `Marker`, `MaxItems`, `IsTruncated`.
//!
//! A marker names the last item that was shown, so that a list that changes between two pages neither
//! repeats nor skips what stays. See
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Named, Table};
use std::sync::Arc;
use wire::Fault;

/// Items on a page when the caller does not say.
const DEFAULT_ITEMS: usize = 100;

/// One page.
#[derive(Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page starts; `None` if this is the last.
    pub marker: Option<String>,
}

impl<T> Page<T> {
    /// Whether there is another page.
    pub fn is_truncated(&self) -> bool {
        self.marker.is_some()
    }

    /// The same page of other items.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), marker: self.marker }
    }
}

/// A page of a table's entities that `keep` keeps, in the order of their names.
pub fn of_table<'t, T: Named>(
    table: &'t Table<T>,
    marker: Option<&str>,
    max_items: Option<i32>,
    keep: impl Fn(&T) -> bool,
) -> Result<Page<&'t Arc<T>>, Fault> {
    let after = marker.map(read_marker).transpose()?;
    let rows = table.after(after.as_deref().unwrap_or_default()).filter(|entity| keep(entity));
    Ok(cut(rows, max_items, |entity| entity.name().to_ascii_lowercase()))
}

/// A page of items that come sorted by the key that `key` yields.
pub fn of<T>(
    items: impl IntoIterator<Item = T>,
    marker: Option<&str>,
    max_items: Option<i32>,
    key: impl Fn(&T) -> String,
) -> Result<Page<T>, Fault> {
    let after = marker.map(read_marker).transpose()?;
    let rest = items.into_iter().filter(|item| after.as_ref().is_none_or(|after| key(item) > *after));
    Ok(cut(rest, max_items, &key))
}

fn cut<T>(rest: impl Iterator<Item = T>, max_items: Option<i32>, key: impl Fn(&T) -> String) -> Page<T> {
    let limit = max_items.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_ITEMS).max(1);
    let mut items: Vec<T> = rest.take(limit + 1).collect();
    let more = items.len() > limit;
    items.truncate(limit);
    let marker = if more { items.last().map(|last| write_marker(&key(last))) } else { None };
    Page { items, marker }
}

/// What tells our markers from other text.
const MARK: &str = "1:";

fn write_marker(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{MARK}{last}"))
}

fn read_marker(marker: &str) -> Result<String, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.strip_prefix(MARK).map(str::to_owned))
        .ok_or_else(|| Fault::validation("Invalid Marker."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_join_to_the_whole_list() {
        let all: Vec<String> = (0..25).map(|number| format!("n{number:02}")).collect();
        let (mut seen, mut marker) = (Vec::new(), None);
        loop {
            let page = of(all.clone(), marker.as_deref(), Some(10), String::clone).unwrap();
            seen.extend(page.items);
            marker = page.marker;
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_full_last_page_is_the_last() {
        let page = of(["a", "b"], None, Some(2), |item| (*item).to_owned()).unwrap();
        assert!(!page.is_truncated());
    }

    #[test]
    fn a_foreign_marker_is_refused() {
        assert_eq!(
            of(["a"], Some("nonsense"), None, |item| (*item).to_owned()).unwrap_err().code,
            "ValidationError"
        );
    }
}
