//! Content Credentials (C2PA): what a file says of where it comes from, signed. Nothing is fetched, and no list
//! of trusted signers is asked.

use std::{fs::File, path::Path};

use c2pa::{
    Context, Error, Manifest, Reader, Settings,
    assertions::{Action, Actions, SoftwareAgent},
    validation_results::ValidationState,
};

use crate::fact::{Fact, tamed};

const WHAT: &str = "Content Credentials";

/// Actions, and files that it was made from, that are told.
const MOST: usize = 12;

/// That nobody vouches for a signer is no fault of a file: no list is asked.
const UNTRUSTED: &str = "signingCredential.untrusted";

/// What a file's credentials say, and whether they hold; nothing of kinds of file that have none.
pub(crate) fn facts(path: &Path) -> Vec<Fact> {
    match read(path) {
        Ok(reader) => told(&reader),
        Err(Error::JumbfNotFound | Error::ProvenanceMissing) => {
            let told = "none; whoever wants to be rid of them takes them out";
            vec![Fact::new(WHAT, told)]
        }
        Err(Error::RemoteManifestUrl(url)) => {
            let told = format!("kept elsewhere, and not fetched: {url}");
            vec![Fact::new(WHAT, tamed(&told))]
        }
        Err(Error::UnsupportedType | Error::IoError(_)) => Vec::new(),
        Err(why) => {
            let told = format!("there, and cannot be read: {why}");
            vec![Fact::new(WHAT, tamed(&told))]
        }
    }
}

fn read(path: &Path) -> c2pa::Result<Reader> {
    let settings = Settings::new().with_value("verify.remote_manifest_fetch", false)?;
    let context = Context::new().with_settings(settings)?;
    let file = File::open(path)?;
    // Told by content; the name of no format stands for those that are none.
    Reader::from_context(context).with_stream("application/octet-stream", file)
}

fn told(reader: &Reader) -> Vec<Fact> {
    let mut facts = vec![Fact::new(WHAT, validity(reader))];
    if let Some(manifest) = reader.active_manifest() {
        facts.extend(signer(manifest));
        facts.extend(generator(manifest));
        facts.extend(actions(manifest));
        facts.extend(ingredients(manifest));
    }
    facts
}

/// Whether they hold, and why not.
fn validity(reader: &Reader) -> String {
    match reader.validation_state() {
        ValidationState::Valid | ValidationState::Trusted => {
            "there, and valid: the file is as it was when it was signed. Who signed it is what the certificate says; no list of trusted signers was asked".into()
        }
        ValidationState::Invalid => {
            let faults = reader.validation_status().unwrap_or_default().iter();
            let mut faults: Vec<_> = faults.map(|fault| fault.code()).collect();
            faults.retain(|code| *code != UNTRUSTED);
            faults.dedup();
            let faults: Vec<_> = faults.into_iter().take(MOST).map(in_words).collect();
            match &faults[..] {
                [] => "there, and NOT valid".into(),
                faults => tamed(&format!("there, and NOT valid: {}", faults.join("; "))),
            }
        }
    }
}

/// A fault by its code in the standard.
fn in_words(code: &str) -> String {
    let words = match code {
        "assertion.dataHash.mismatch"
        | "assertion.bmffHash.mismatch"
        | "assertion.boxesHash.mismatch" => "the file was changed after it was signed",
        "assertion.hashedURI.mismatch" => "what they say was changed after it was signed",
        "claimSignature.mismatch" => "the signature is of something else",
        "signingCredential.expired" => "the certificate had run out",
        "signingCredential.revoked" => "the certificate was revoked",
        "signingCredential.invalid" => "the certificate may not sign such",
        code => return code.to_owned(),
    };
    format!("{words} ({code})")
}

fn signer(manifest: &Manifest) -> Option<Fact> {
    let signature = manifest.signature_info()?;
    let mut names: Vec<_> = [&signature.common_name, &signature.issuer]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    names.dedup();
    let when = signature.time.iter().map(|time| format!("at {time}"));
    names.extend(when);
    (!names.is_empty()).then(|| Fact::new("Credentials signed by", tamed(&names.join(", "))))
}

fn generator(manifest: &Manifest) -> Option<Fact> {
    let generators = manifest.claim_generator_info.iter().flatten();
    let named = generators.map(|one| versioned(&one.name, one.version.as_deref()));
    let named: Vec<_> = named.collect();
    let told = match &named[..] {
        [] => manifest.claim_generator()?.to_owned(),
        named => named.join(", "),
    };
    Some(Fact::new("Credentials written by", tamed(&told)))
}

/// What was done to the file, as its makers say.
fn actions(manifest: &Manifest) -> Option<Fact> {
    let actions: Actions = manifest.find_assertion(Actions::LABEL).ok()?;
    let told: Vec<_> = actions.actions().iter().take(MOST).map(action).collect();
    (!told.is_empty()).then(|| Fact::new("Said to have been", tamed(&told.join("; "))))
}

fn action(action: &Action) -> String {
    let name = action.action();
    let name = name.strip_prefix("c2pa.").unwrap_or(name);
    let mut told = name.replace('_', " ");
    let source = action.source_type().and_then(|source| {
        let source = serde_json::to_value(source).ok()?;
        Some(source.as_str()?.rsplit('/').next()?.to_owned())
    });
    let agent = action.software_agent().map(|agent| match agent {
        SoftwareAgent::String(name) => name.clone(),
        SoftwareAgent::ClaimGeneratorInfo(one) => versioned(&one.name, one.version.as_deref()),
    });
    let agent = agent.map(|agent| format!("by {agent}"));
    let more: Vec<_> = source.into_iter().chain(agent).collect();
    if !more.is_empty() {
        told = format!("{told} ({})", more.join(", "));
    }
    told
}

fn ingredients(manifest: &Manifest) -> Option<Fact> {
    let ingredients = manifest.ingredients().iter().take(MOST);
    let titles: Vec<_> = ingredients
        .map(|one| one.title().unwrap_or("a file without a name").to_owned())
        .collect();
    (!titles.is_empty()).then(|| Fact::new("Said to be made from", tamed(&titles.join("; "))))
}

fn versioned(name: &str, version: Option<&str>) -> String {
    match version {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Cursor};

    use c2pa::{Builder, EphemeralSigner};
    use face_preproc::pictures::encode_jpeg;
    use image::RgbImage;

    use super::*;

    /// A JPEG that is signed by a certificate made for it.
    fn signed() -> Vec<u8> {
        let picture = encode_jpeg(&RgbImage::new(64, 48), 90).unwrap();
        let described = r#"{
            "title": "signed.jpg",
            "claim_generator_info": [{ "name": "Test camera", "version": "1.2" }],
            "assertions": [{ "label": "c2pa.actions", "data": { "actions": [
                {
                    "action": "c2pa.created",
                    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
                    "softwareAgent": { "name": "Painter", "version": "3" }
                },
                { "action": "c2pa.color_adjustments" }
            ] } }]
        }"#;
        let context =
            Context::new().with_settings(r#"{"builder": {"thumbnail": {"enabled": false}}}"#);
        let builder = Builder::from_context(context.unwrap()).with_definition(described);
        let signer = EphemeralSigner::new("signer.example").unwrap();
        let mut bytes = Cursor::new(Vec::new());
        builder
            .unwrap()
            .sign(&signer, "image/jpeg", &mut Cursor::new(picture), &mut bytes)
            .unwrap();
        bytes.into_inner()
    }

    fn of(bytes: &[u8]) -> Vec<Fact> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, bytes).unwrap();
        facts(&path)
    }

    fn value<'a>(facts: &'a [Fact], what: &str) -> &'a str {
        let found = facts.iter().find(|fact| fact.what == what);
        &found.unwrap_or_else(|| panic!("{what} in {facts:?}")).told
    }

    #[test]
    fn credentials_are_told_with_signer_program_and_actions() {
        let told = of(&signed());
        assert!(
            value(&told, WHAT).starts_with("there, and valid"),
            "{told:?}"
        );
        assert!(
            value(&told, "Credentials signed by").contains("signer.example"),
            "{told:?}"
        );
        assert!(
            value(&told, "Credentials written by").contains("Test camera 1.2"),
            "{told:?}"
        );
        assert_eq!(
            value(&told, "Said to have been"),
            "created (trainedAlgorithmicMedia, by Painter 3); color adjustments"
        );
    }

    #[test]
    fn a_file_that_was_changed_says_so() {
        let mut bytes = signed();
        // Within the picture's data, behind all that is said of it.
        let last = bytes.len() - 8;
        bytes[last] ^= 1;
        let told = of(&bytes);
        let said = value(&told, WHAT);
        assert!(
            said.starts_with("there, and NOT valid") && said.contains("changed after"),
            "{told:?}"
        );
    }

    #[test]
    fn files_without_credentials_and_of_other_kinds() {
        let plain = encode_jpeg(&RgbImage::new(64, 48), 90).unwrap();
        assert!(value(&of(&plain), WHAT).starts_with("none"));
        assert_eq!(of(b"no picture at all"), []);
        assert_eq!(facts(Path::new("/no/such/file")), []);
    }

    /// Bytes between what is signed may be anything; nothing worse than a fact comes of others.
    #[test]
    fn damage_ends_nothing() {
        let whole = signed();
        for step in 0..200 {
            let place = step * whole.len() / 200;
            let mut changed = whole.clone();
            changed[place] ^= 0x55;
            of(&changed);
            of(&whole[..place]);
        }
    }
}
