//! Answers for a person.

use std::path::Path;

use inference::{Answer, DetectOutcome, Detector, Kind, PassedOver, shown};

use crate::terminal;

/// One line for each face.
pub(super) fn answer(answer: &Answer, folder: &Path) {
    let file = shown(&answer.file.path());
    let line = |verdict: &str, score: f64, which: &str, overlay: Option<&String>| {
        let word = match verdict {
            "forged" => "FORGED",
            word => word,
        };
        let overlay = overlay.map(|name| format!("  overlay {}", folder.join(name).display()));
        let overlay = overlay.unwrap_or_default();
        outln!("{word:<9} score {score:.3}  {file}{which}{overlay}");
    };
    for face in answer.faces.iter().flatten() {
        let [left, top, right, bottom] = face.region;
        let turned = answer.turned.map(|by| format!(", turned by {by} degrees"));
        let turned = turned.unwrap_or_default();
        let which = format!("  face at {left:.0},{top:.0}-{right:.0},{bottom:.0}{turned}");
        line(&face.verdict, face.score, &which, face.overlay.as_ref());
    }
    let looked_at = answer.coverage.map(|coverage| format!("; {coverage}"));
    let looked_at = looked_at.unwrap_or_default();
    for track in answer.tracks.iter().flatten() {
        let (Some(first), Some(last)) = (track.moments.first(), track.moments.last()) else {
            continue;
        };
        for worst in track.worst.iter().take(1) {
            let highest = track.highest_stretch.map_or(String::new(), |stretch| {
                format!(
                    " ({:.3} over the whole, highest from {:.1} to {:.1} s)",
                    track.whole, stretch.from, stretch.to
                )
            });
            let which = format!(
                "  face {} from {:.1} to {:.1} s{highest}, worst frame {:.3} at {:.1} s{looked_at}",
                track.track, first.seconds, last.seconds, worst.frame_score, worst.seconds
            );
            line(&track.verdict, track.score, &which, worst.overlay.as_ref());
        }
    }
    // What is unreadable is said on standard error by the observer.
    let Some(why) = answer
        .reason
        .as_ref()
        .filter(|_| answer.verdict != "unreadable")
    else {
        return;
    };
    let hint = match (answer.verdict.as_str(), answer.kind) {
        ("no face", Some(Kind::Picture)) => "; where the picture is a face's crop, say --whole",
        ("too compressed", _) => "; --any-compression judges it all the same",
        _ => "",
    };
    outln!("{:<20} {file}  {why}{hint}", answer.verdict);
}

/// What came of all files.
pub(super) fn outcome(outcome: &DetectOutcome, detector: &Detector, named: Option<&Path>) {
    let counted = |count: usize, what: &str| match count {
        0 => String::new(),
        count => format!(", {count} {what}"),
    };
    outln!(
        "{} of {} faces called forged{} by {} (pictures from {:.3} on, videos from {:.3}); {} files without a face{}{}{}{}",
        outcome.forged,
        outcome.faces,
        counted(outcome.uncertain, "uncertain"),
        match named {
            Some(folder) => folder.display().to_string(),
            None => detector.config.name.clone(),
        },
        detector.config.frame.threshold,
        detector.config.video.threshold,
        outcome.without_face,
        counted(outcome.without_motion, "in which nothing moves"),
        counted(outcome.too_compressed, "too compressed"),
        terminal::skipped(outcome.unreadable),
        counted(outcome.before, "answered before"),
    );
    if let Some(origin) = &detector.config.origin {
        outln!("Detector: {origin}.");
    }
    if let Some(measured) = &detector.config.measured {
        outln!("Measured: {measured}");
    }
    outln!("Page:     {}", outcome.page.display());
    if detector.config.synthetic {
        outln!("This run was trained on synthetic faces: its verdict on photographs means little.");
    }
}

/// What lies in folders and was not looked at, in one line; nothing where there is none.
pub(in crate::commands) fn passed_over(passed_over: &PassedOver) -> Option<String> {
    let hint = match passed_over.of(PassedOver::FOLDER) {
        [] => "",
        _ => "; --recursive looks into folders",
    };
    (passed_over.count() > 0).then(|| format!("passed over: {passed_over}{hint}"))
}
