//! Many files, one after the other.

use std::{collections::BTreeSet, fs, path::Path};

use face_preproc::{
    geometry::Landmarks68,
    pictures::{Limits, read_rgb},
};
use runtime::{Event, Observer};

use super::{
    answer::{Answer, Verdict},
    outcome::{DetectOptions, DetectOutcome},
    page, shown,
};
use crate::{
    Error, NotJudged,
    detector::Detector,
    files::{inputs, is_video, overlay_name, telling},
};

/// Judges every file, one after the other, and hands each answer to `tell` as soon as it is there; a file
/// that cannot be read is named, and the rest is done. Once `stop` says so, at the latest with the next
/// frame of a video, what was judged until then is kept, and the page is written of it.
///
/// # Errors
/// Where a picture or the page cannot be written.
pub fn detect(
    detector: &Detector,
    options: &DetectOptions,
    observer: &mut dyn Observer,
    stop: &dyn Fn() -> bool,
    mut tell: impl FnMut(&Answer),
) -> Result<DetectOutcome, Error> {
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| detector.path.join("detect"));
    let mut outcome = DetectOutcome {
        page: out.join(page::NAME),
        ..DetectOutcome::default()
    };
    let mut files = Vec::new();
    let mut names = BTreeSet::new();
    for (file, landmarks) in inputs(&options.paths) {
        let mut answer = Answer {
            verdict: Verdict::NotJudged(NotJudged::Stopped),
            decision: detector.config.frame,
            coverage: None,
            partial: None,
            file,
        };
        match landmarks {
            Err(error) => answer.verdict = Verdict::NotJudged(error.into()),
            Ok(_) if stop() => {}
            Ok(landmarks) => {
                let overlay = out.join(overlay_name(&answer.file, &mut names));
                match is_video(&answer.file) {
                    true => answer.look_at_video(detector, &overlay, observer, stop)?,
                    false => answer.look_at_image(detector, landmarks.as_ref(), &overlay)?,
                }
            }
        }
        if matches!(answer.verdict, Verdict::NotJudged(NotJudged::Stopped)) {
            outcome.stopped = true;
            break;
        }
        outcome.count(&answer, observer);
        tell(&answer);
        files.push(page::of(&answer, &out));
    }
    fs::create_dir_all(&out).map_err(Error::io(&out))?;
    page::write(detector, options, &outcome, files)?;
    Ok(outcome)
}

impl Answer {
    fn look_at_image(
        &mut self,
        detector: &Detector,
        landmarks: Option<&Landmarks68>,
        overlay: &Path,
    ) -> Result<(), Error> {
        let image = read_rgb(&self.file, &Limits::default()).map_err(NotJudged::from);
        let seen = image.and_then(|image| match landmarks {
            Some(landmarks) => detector.predict_face(&image, landmarks),
            None => detector.predict_image(&image),
        });
        self.verdict = match seen {
            Ok(seen) => Verdict::Faces(shown::image(&seen, overlay)?),
            Err(why) => Verdict::NotJudged(why),
        };
        Ok(())
    }

    fn look_at_video(
        &mut self,
        detector: &Detector,
        overlay: &Path,
        observer: &mut dyn Observer,
        stop: &dyn Fn() -> bool,
    ) -> Result<(), Error> {
        self.decision = detector.config.video;
        let seen = detector.predict_video(&self.file, telling(observer, &self.file, stop));
        observer.event(Event::Ended);
        self.verdict = match seen {
            Ok(mut seen) => {
                self.partial = seen.partial.take();
                self.coverage = Some(seen.coverage);
                Verdict::Tracks(shown::video(seen, overlay)?)
            }
            Err(why) => Verdict::NotJudged(why),
        };
        Ok(())
    }
}
