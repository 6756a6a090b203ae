//! Names and texts that look like something.

use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

const FIRST_NAMES: &[&str] = &[
    "Ada",
    "Alan",
    "Barbara",
    "Carla",
    "Donald",
    "Edith",
    "Elena",
    "Emil",
    "Fatima",
    "Grace",
    "Hedy",
    "Ines",
    "Ivan",
    "Jana",
    "Joan",
    "John",
    "Karen",
    "Katherine",
    "Kenji",
    "Leslie",
    "Lin",
    "Margaret",
    "Maria",
    "Mary",
    "Niklaus",
    "Noor",
    "Olga",
    "Radia",
    "Rosa",
    "Sophie",
    "Tim",
    "Tomas",
    "Yuki",
    "Zoe",
];
const LAST_NAMES: &[&str] = &[
    "Allen", "Bauer", "Berg", "Chen", "Clarke", "Costa", "Diaz", "Dubois", "Fischer", "Garcia",
    "Haddad", "Hansen", "Ito", "Ivanov", "Jansen", "Kaya", "Keller", "Kim", "Kowalski", "Lopez",
    "Meyer", "Moreau", "Nakamura", "Novak", "Okafor", "Patel", "Perez", "Rossi", "Santos", "Silva",
    "Singh", "Smith", "Suzuki", "Tanaka", "Weber", "Young",
];
const WORDS: &[&str] = &[
    "a",
    "about",
    "after",
    "all",
    "answer",
    "before",
    "budget",
    "cache",
    "client",
    "connection",
    "count",
    "database",
    "deadline",
    "each",
    "every",
    "fast",
    "first",
    "from",
    "guide",
    "how",
    "index",
    "into",
    "key",
    "last",
    "limit",
    "list",
    "load",
    "measure",
    "never",
    "new",
    "next",
    "notes",
    "of",
    "on",
    "one",
    "order",
    "page",
    "pool",
    "query",
    "queue",
    "read",
    "request",
    "row",
    "server",
    "simple",
    "slow",
    "small",
    "table",
    "the",
    "time",
    "trace",
    "under",
    "wait",
    "what",
    "when",
    "with",
    "without",
    "write",
    "you",
];

/// A first name and a last name.
pub(super) fn name(random: &mut ChaCha8Rng) -> (&'static str, &'static str) {
    (pick(FIRST_NAMES, random), pick(LAST_NAMES, random))
}

/// Three to eight words.
pub(super) fn title(random: &mut ChaCha8Rng) -> String {
    let length = random.random_range(3..=8);
    sentence(length, random)
}

/// One to six paragraphs of two to six sentences.
pub(super) fn body(random: &mut ChaCha8Rng) -> String {
    let paragraphs = random.random_range(1..=6);
    let paragraph = |random: &mut ChaCha8Rng| {
        let sentences = random.random_range(2..=6);
        let texts: Vec<_> = (0..sentences)
            .map(|_| random.random_range(4..=14))
            .collect();
        texts
            .into_iter()
            .map(|length| sentence(length, random) + ".")
            .collect::<Vec<_>>()
            .join(" ")
    };
    (0..paragraphs)
        .map(|_| paragraph(random))
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn sentence(words: usize, random: &mut ChaCha8Rng) -> String {
    let text = (0..words)
        .map(|_| pick(WORDS, random))
        .collect::<Vec<_>>()
        .join(" ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn pick(from: &[&'static str], random: &mut ChaCha8Rng) -> &'static str {
    from.choose(random).copied().unwrap_or_default()
}
