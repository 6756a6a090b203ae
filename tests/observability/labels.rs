//! Names and labels of the series of a scrape, taken apart.

use std::collections::BTreeMap;

use tests::Scrape;

/// One series: `name{label="value",…}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    pub name: String,
    pub labels: BTreeMap<String, String>,
}

/// Every series of `scrape`.
pub fn series(scrape: &Scrape) -> Vec<Series> {
    scrape.series.keys().map(|text| parse(text)).collect()
}

/// The values that a label has in a family.
pub fn values(scrape: &Scrape, family: &str, label: &str) -> Vec<String> {
    let of_family = series(scrape)
        .into_iter()
        .filter(|series| series.name == family);
    let mut values: Vec<_> = of_family
        .filter_map(|mut series| series.labels.remove(label))
        .collect();
    values.sort();
    values.dedup();
    values
}

/// Takes apart `name{label="value",…}`.
pub fn parse(text: &str) -> Series {
    let (name, rest) = text.split_once('{').unwrap_or((text, "}"));
    let mut labels = BTreeMap::new();
    let mut rest = rest.strip_suffix('}').unwrap();
    while !rest.is_empty() {
        let (label, after) = rest.split_once("=\"").unwrap();
        // No label value of the service holds a quotation mark: it is an enum, a template or a name known at compile time.
        let (value, after) = after.split_once('"').unwrap();
        labels.insert(label.to_owned(), value.to_owned());
        rest = after.strip_prefix(',').unwrap_or(after);
    }
    Series {
        name: name.to_owned(),
        labels,
    }
}
