//! What is wrong between clips.

use std::collections::{BTreeMap, BTreeSet};

use datasets::Clip;
use face_preproc::manifest::Split;
use rayon::prelude::*;

use crate::fault::{Fault, FaultKind};
use crate::item::Item;
use crate::listed::word;
use crate::look::Look;
use crate::near::distance;

/// A clip and what was seen of it.
pub(crate) type Seen<'a> = (&'a Item, &'a Look);

/// People that are in several parts, as themselves or as what a forgery was taken from.
pub(crate) fn identities(clips: &[&Clip]) -> Vec<Fault> {
    let mut people: BTreeMap<&str, BTreeMap<Split, (usize, &Clip)>> = BTreeMap::new();
    for clip in clips {
        let Some(split) = clip.split else { continue };
        let both = [&clip.identity, &clip.source_identity];
        let both: BTreeSet<&str> = both.into_iter().flatten().map(|name| &**name).collect();
        for person in both {
            let parts = people.entry(person).or_default();
            parts.entry(split).or_insert((0, clip)).0 += 1;
        }
    }
    let several = people.into_iter().filter(|(_, parts)| parts.len() > 1);
    let fault = |(person, parts): (&str, BTreeMap<Split, (usize, &Clip)>)| {
        let counts: Vec<String> = parts
            .iter()
            .map(|(split, (count, _))| format!("{count} in {split}"))
            .collect();
        let mut clips = parts.values().map(|(_, clip)| clip.place());
        let what = format!(
            "the person {person} has clips in several parts: {}",
            counts.join(", ")
        );
        let first = clips.next().unwrap_or_default();
        Fault::new(FaultKind::IdentityAcrossSplits, first, what)
            .with(clips.next().unwrap_or_default())
    };
    several.map(fault).collect()
}

/// Clips of the same bytes.
pub(crate) fn same_files(seen: &[Seen<'_>]) -> Vec<Fault> {
    let mut groups: BTreeMap<[u8; 32], Vec<&Clip>> = BTreeMap::new();
    for (item, look) in seen {
        if let Some(digest) = look.digest {
            groups.entry(digest).or_default().push(&item.clip);
        }
    }
    let several = groups.into_values().filter(|clips| clips.len() > 1);
    let fault = |clips: Vec<&Clip>| {
        let more = match clips.len() - 2 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let what = format!("the same bytes as the other{more}{}", between(&clips));
        Fault::new(FaultKind::SameFile, clips[0].place(), what).with(clips[1].place())
    };
    several.map(fault).collect()
}

/// Which parts and classes some clips are of, where these are several.
fn between(clips: &[&Clip]) -> String {
    let parts: BTreeSet<&str> = clips
        .iter()
        .filter_map(|c| Some(c.split?.as_str()))
        .collect();
    let labels: BTreeSet<&str> = clips.iter().map(|c| word(c.label)).collect();
    let mut text = String::new();
    for (what, names) in [("parts", parts), ("labels", labels)] {
        if names.len() > 1 {
            let names: Vec<&str> = names.into_iter().collect();
            text += &format!(", in several {what}: {}", names.join(", "));
        }
    }
    text
}

/// Clips that look the same, of two scenes, in two parts or of two classes; one fault for two scenes.
pub(crate) fn near_duplicates(seen: &[Seen<'_>], nearness: f64) -> Vec<Fault> {
    let scenes: Vec<String> = seen.iter().map(|(item, _)| item.scene()).collect();
    let apart = |a: usize, b: usize| {
        let (one, other) = (&seen[a].0.clip, &seen[b].0.clip);
        let parts = one.split.zip(other.split).is_some_and(|(a, b)| a != b);
        parts || one.label != other.label && [one, other].into_iter().all(knows_its_original)
    };
    // Scenes of which clips are the same bytes are named for that.
    let mut of_bytes: BTreeMap<[u8; 32], BTreeSet<&str>> = BTreeMap::new();
    for ((_, look), scene) in seen.iter().zip(&scenes) {
        if let Some(digest) = look.digest {
            of_bytes.entry(digest).or_default().insert(scene);
        }
    }
    let same_bytes = |a: usize, b: usize| {
        let mut groups = of_bytes.values();
        groups.any(|group| group.contains(&*scenes[a]) && group.contains(&*scenes[b]))
    };
    let pairs = (0..seen.len()).into_par_iter().flat_map_iter(|a| {
        let later = a + 1..seen.len();
        let (scenes, same_bytes) = (&scenes, &same_bytes);
        later.filter_map(move |b| {
            if scenes[a] == scenes[b] || !apart(a, b) {
                return None;
            }
            let near = distance(&seen[a].1.hashes, &seen[b].1.hashes, nearness)?;
            (!same_bytes(a, b)).then_some((a, b, near))
        })
    });
    let pairs: Vec<(usize, usize, f64)> = pairs.collect();
    let mut of_scenes: BTreeMap<[&str; 2], Vec<(usize, usize, f64)>> = BTreeMap::new();
    for pair in pairs {
        let mut key = [&*scenes[pair.0], &*scenes[pair.1]];
        key.sort_unstable();
        of_scenes.entry(key).or_default().push(pair);
    }
    let fault = |pairs: Vec<(usize, usize, f64)>| {
        let nearest = pairs.iter().min_by(|a, b| a.2.total_cmp(&b.2))?;
        let clips = [&seen[nearest.0].0.clip, &seen[nearest.1].0.clip];
        let more = match pairs.len() - 1 {
            0 => String::new(),
            more => format!("; {more} more pairs of these two scenes do"),
        };
        let what = format!(
            "they look the same (hashes differ in {:.1} % of their bits){}{more}",
            100.0 * nearest.2,
            between(&clips)
        );
        let fault = Fault::new(FaultKind::NearDuplicate, clips[0].place(), what);
        Some(fault.with(clips[1].place()))
    };
    of_scenes.into_values().filter_map(fault).collect()
}

/// A forgery of which the original is not known may be of any real clip that it resembles.
fn knows_its_original(clip: &Clip) -> bool {
    !clip.label.is_forged() || clip.original.is_some()
}

/// Forgeries that do not go with their originals frame by frame and pixel by pixel.
pub(crate) fn originals(seen: &[Seen<'_>]) -> Vec<Fault> {
    let by_path: BTreeMap<&str, &Look> = seen
        .iter()
        .map(|(item, look)| (&*item.clip.path, *look))
        .collect();
    let mut faults = Vec::new();
    for (item, look) in seen {
        let original = item.clip.original.as_deref();
        let Some((path, real)) = original.and_then(|path| Some((path, by_path.get(path)?))) else {
            continue;
        };
        if let Some((own, of)) = look.frames.zip(real.frames).filter(|(own, of)| own != of) {
            let what = format!("{own} frames, its original {of}");
            faults.push(Fault::new(FaultKind::FrameCount, item.clip.place(), what).with(path));
        }
        if let Some((own, of)) = look.size.zip(real.size).filter(|(own, of)| own != of) {
            let what = format!(
                "{} x {} pixels, its original {} x {}",
                own.0, own.1, of.0, of.1
            );
            faults.push(Fault::new(FaultKind::Size, item.clip.place(), what).with(path));
        }
    }
    faults
}
