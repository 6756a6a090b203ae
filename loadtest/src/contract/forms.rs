//! Answers in other forms than plain JSON: XML, and compressed.

use super::{Answer, ensure};
use flate2::read::GzDecoder;
use reqwest::StatusCode;
use roxmltree::{Document, Node};
use std::io::Read;

/// From this size on a body is compressed for who asks for it.
const COMPRESSED_FROM: usize = 1_024;

impl Answer {
    /// The text of one member of the one resource in an XML answer.
    ///
    /// # Errors
    /// When the status, the type or the shape is another.
    pub fn member_in_xml(&self, name: &str) -> Result<String, String> {
        self.expect(StatusCode::OK)?;
        let media_type = self.header("content-type").unwrap_or_default();
        let is_xml = media_type.split(';').next() == Some("application/xml");
        ensure(is_xml, "XML was asked for, and something else came")?;
        let text = str::from_utf8(&self.body).ok();
        let text = text.ok_or("XML that is no UTF-8")?;
        // Where it breaks differs from answer to answer; the fault is the same.
        let document = Document::parse(text).ok();
        let document = document.ok_or("XML that is not well-formed")?;
        let root = document.root_element();
        ensure(root.has_tag_name("response"), "XML with another root")?;
        let member = child(root, "data").and_then(|data| child(data, name));
        let text = member.and_then(|member| member.text());
        Ok(text.ok_or("XML without the member")?.to_owned())
    }

    /// The answer without the compression that the client asked for.
    ///
    /// # Errors
    /// When it cannot be undone, or a large body is not compressed.
    pub fn unzipped(&self) -> Result<Self, String> {
        let Some(coding) = self.header("content-encoding") else {
            let is_small = self.body.len() < COMPRESSED_FROM;
            ensure(is_small, "a large body without compression")?;
            return Ok(self.clone());
        };
        ensure(coding == "gzip", "another coding than asked for")?;
        let mut body = Vec::new();
        let read = GzDecoder::new(self.body.as_ref()).read_to_end(&mut body);
        read.map_err(|error| format!("a body that is no gzip: {error}"))?;
        Ok(Self {
            body: body.into(),
            ..self.clone()
        })
    }
}

fn child<'a, 'input>(of: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    of.children().find(|child| child.has_tag_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn answer((name, value): (&'static str, &str), body: &[u8]) -> Answer {
        Answer {
            status: StatusCode::OK,
            headers: [(name, value)].into_iter().collect(),
            body: body.to_vec().into(),
        }
    }

    #[test]
    fn xml_is_read_by_its_elements() {
        let id = |media_type, body: &str| {
            answer(("content-type", media_type), body.as_bytes()).member_in_xml("id")
        };
        let user = "<?xml version=\"1.0\"?><response><data><id>7</id></data></response>";
        assert_eq!(id("application/xml; charset=utf-8", user).unwrap(), "7");
        assert!(id("application/json", user).is_err());
        for wrong in [
            "<response><data><id>7</id></data>",
            "<answer><data><id>7</id></data></answer>",
            "<response><data><name>7</name></data></response>",
            "{}",
        ] {
            assert!(id("application/xml", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_large_comes_compressed_and_whole() {
        let plain = vec![b'x'; COMPRESSED_FROM];
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&plain).unwrap();
        let zipped = encoder.finish().unwrap();
        let unzipped = |coding, body: &[u8]| answer(coding, body).unzipped();
        let gzip = ("content-encoding", "gzip");
        assert_eq!(unzipped(gzip, &zipped).unwrap().body, plain);
        assert!(unzipped(gzip, &zipped[..zipped.len() - 1]).is_err());
        assert!(unzipped(("content-encoding", "br"), &zipped).is_err());
        let none = ("content-type", "application/json");
        assert!(unzipped(none, &plain).is_err());
        assert_eq!(unzipped(none, b"{}").unwrap().body, "{}");
    }
}
