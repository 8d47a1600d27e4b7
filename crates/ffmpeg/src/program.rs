//! Running `ffmpeg` and `ffprobe`.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use crate::{Bounds, Error, error::said};

/// The containers and bare streams that are read. Playlists are not among them: they name other files.
const CONTAINERS: &str = "mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,ivf,h264,hevc,m4v,mxf,\
                          nut,rm,dv,yuv4mpegpipe,obu,av1,vc1,wtv,dhav,nsv,h263,h261,cavsvideo,gxf";
/// The formats of single pictures. None of them takes a name for a pattern of names.
const STILLS: &str =
    "mov,jpegxl_pipe,j2k_pipe,psd_pipe,qoi_pipe,dds_pipe,exr_pipe,sgi_pipe,pcx_pipe,ico";
/// Bytes of a line that are looked at; files can make FFmpeg print long ones.
const LINE_BYTES: u64 = 4096;

/// What the machine's FFmpeg wants to be told in another way.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// `-fps_mode`, since 5.1; before that `-vsync`.
    pub pass_through: &'static str,
    /// The filter that says of each frame what it is; older ones cannot be told to add up no checksum.
    pub showinfo: &'static str,
}

const TODAY: Dialect = Dialect {
    pass_through: "-fps_mode",
    showinfo: "showinfo=checksum=0",
};
const BEFORE: Dialect = Dialect {
    pass_through: "-vsync",
    showinfo: "showinfo",
};

/// Whether FFmpeg's `ffmpeg` and `ffprobe` are on the PATH.
pub fn is_there() -> bool {
    static THERE: OnceLock<bool> = OnceLock::new();
    *THERE.get_or_init(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = |program: &str| {
            let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
            std::env::split_paths(&path).any(|folder| folder.join(&name).is_file())
        };
        on_path("ffmpeg") && on_path("ffprobe")
    })
}

/// How to speak to the machine's `ffmpeg`. Asked once.
pub fn dialect() -> Dialect {
    static DIALECT: OnceLock<Dialect> = OnceLock::new();
    *DIALECT.get_or_init(|| {
        let mut command = Command::new("ffmpeg");
        let output = command.arg("-version").stdin(Stdio::null()).output();
        let text = output.map_or(Vec::new(), |output| output.stdout);
        dialect_of(&String::from_utf8_lossy(&text))
    })
}

/// By what it says of its version: "ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright". Builds of the day
/// have other names, and are new.
fn dialect_of(version: &str) -> Dialect {
    let mut numbers = version
        .trim_start_matches("ffmpeg version ")
        .trim_start_matches('n')
        .split(|c: char| !c.is_ascii_digit())
        .map(|number| number.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), Some(minor)) if (major, minor) < (5, 1) => BEFORE,
        _ => TODAY,
    }
}

/// What `showinfo` says of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// In ticks of the stream, where the frame has a time.
    pub time: Option<i64>,
    /// Size of the picture, pixels.
    pub size: (u32, u32),
}

/// What a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Formats {
    Films,
    Stills,
}

/// A running program of FFmpeg; it ends with this value.
pub struct Program {
    child: Child,
    /// What the program writes.
    pub output: BufReader<ChildStdout>,
    /// What is said of each frame that comes.
    pub shown: Receiver<Shown>,
    /// Gives the first thing that the program says is wrong.
    complaint: Option<JoinHandle<Option<String>>>,
    /// How FFmpeg calls the file: not to be repeated, as the caller knows it.
    name: String,
}

impl Program {
    /// Starts a program that reads `path`, which is taken as a file whatever its name looks like; the
    /// arguments `before` it and `after` it.
    ///
    /// # Errors
    /// Where the program cannot be started.
    pub fn start(
        program: &str,
        path: &Path,
        bounds: Bounds,
        before: &[impl AsRef<OsStr>],
        after: &[impl AsRef<OsStr>],
    ) -> Result<Self, Error> {
        Self::start_with(program, Formats::Films, path, bounds, before, after)
    }

    /// The same of a file of other formats.
    pub(crate) fn start_with(
        program: &str,
        formats: Formats,
        path: &Path,
        bounds: Bounds,
        before: &[impl AsRef<OsStr>],
        after: &[impl AsRef<OsStr>],
    ) -> Result<Self, Error> {
        let formats = match formats {
            Formats::Films => CONTAINERS,
            Formats::Stills => STILLS,
        };
        let mut file = OsString::from("file:");
        file.push(path);
        let name = format!("{}: ", file.to_string_lossy());
        let mut command = Command::new(program);
        command
            .args(["-v", "level+info", "-hide_banner", "-threads", "1"])
            .args(["-protocol_whitelist", "file"])
            .args(["-format_whitelist", formats])
            .args(["-max_pixels", &bounds.pixels.to_string()])
            .args(before)
            .arg("-i")
            .arg(file)
            .args(after)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Ctrl-C is for the caller, who ends the program once its frames are of no use any more.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = (command.spawn()).map_err(|error| said(format!("`{program}`: {error}")))?;
        let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(said(format!("`{program}` has no output")));
        };
        let (tell, shown) = channel();
        // Read to the end, or a talkative program would wait for ever.
        let complaint = thread::spawn(move || listen(errors, &tell));
        Ok(Self {
            child,
            output: BufReader::with_capacity(1 << 16, output),
            shown,
            complaint: Some(complaint),
            name,
        })
    }

    /// Waits for the end, and takes what the program says is wrong. What it still puts out is thrown away.
    ///
    /// # Errors
    /// Where it failed: what it said.
    pub fn end(&mut self) -> Result<Option<String>, Error> {
        // A program whose output nobody reads would never end.
        io::copy(&mut self.output, &mut io::sink())?;
        let status = self.child.wait()?;
        match (status.success(), self.complaint()) {
            (true, complaint) => Ok(complaint),
            (false, Some(complaint)) => Err(said(complaint)),
            (false, None) => Err(said(status.to_string())),
        }
    }

    /// Ends the program, and takes what it has said so far is wrong.
    pub fn stop(&mut self) -> Option<String> {
        // It may have ended by itself.
        _ = self.child.kill();
        _ = self.child.wait();
        self.complaint()
    }

    fn complaint(&mut self) -> Option<String> {
        let complaint = self.complaint.take()?.join().ok()??;
        Some(complaint.replace(&self.name, ""))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Reads all that a program says; gives the first thing that is wrong.
fn listen(errors: impl Read, tell: &Sender<Shown>) -> Option<String> {
    let mut errors = BufReader::new(errors);
    let mut wrong = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut errors).take(LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return wrong,
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line);
        match frame(&line) {
            // Nobody listens any more.
            Some(shown) => _ = tell.send(shown),
            None => wrong = wrong.or_else(|| complaint(&line)),
        }
    }
}

/// What a line of the filter `showinfo` says: `[Parsed_showinfo_1 @ 0x5] [info] n:   0 pts:   1024
/// pts_time:0.0667 fmt:yuv444p sar:0/1 s:512x512 i:P iskey:1 type:I`.
fn frame(line: &str) -> Option<Shown> {
    let (_, line) = line
        .strip_prefix("[Parsed_showinfo_")?
        .split_once("] n:")
        .or_else(|| line.split_once("[info] n:"))?;
    let value = |key: &str| line.split_once(key)?.1.split_whitespace().next();
    let (width, height) = value(" s:")?.split_once('x')?;
    Some(Shown {
        time: value(" pts:")?.parse().ok(),
        size: (width.parse().ok()?, height.parse().ok()?),
    })
}

/// What a line says is wrong, without the address in memory that FFmpeg puts before it.
fn complaint(line: &str) -> Option<String> {
    let (before, said) = ["[error] ", "[fatal] ", "[panic] "]
        .iter()
        .find_map(|level| line.split_once(level))
        .or_else(|| {
            let warned = line.split_once("[warning] ");
            warned.filter(|(_, said)| said.contains("corrupt"))
        })?;
    let who = before.trim_start_matches('[').split(" @ ").next();
    let who = who.filter(|who| !who.is_empty() && *who != "NULL");
    let said = said.trim();
    Some(match who {
        Some(who) => format!("{who}: {said}"),
        None => said.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_program_ends_whatever_it_still_puts_out() {
        let none: [&str; 0] = [];
        let bounds = Bounds {
            pixels: 1,
            frames: 1,
        };
        // Its arguments are those of FFmpeg's programs, whatever the program.
        let start =
            |program| Program::start(program, Path::new("a"), bounds, &none, &none).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let talkative = folder.path().join("talkative");
        std::fs::write(&talkative, "#!/bin/sh\nhead -c 1000000 /dev/zero\n").unwrap();
        let runs = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&talkative, runs).unwrap();
        assert!(matches!(start(talkative.to_str().unwrap()).end(), Ok(None)));
    }

    #[test]
    fn lines_of_several_versions_are_understood() {
        let shown = Shown {
            time: Some(1024),
            size: (512, 288),
        };
        for line in [
            "[Parsed_showinfo_1 @ 0x55f4] [info] n:   0 pts:   1024 pts_time:0.0666667 pos:       \
             48 fmt:yuv444p sar:0/1 s:512x288 i:P iskey:1 type:I ",
            "[Parsed_showinfo_0 @ 0x55f4] [info] n:   0 pts:   1024 pts_time:0.0666667 duration: \
             512 duration_time:0.0333333 fmt:gbrp cl:unspecified sar:1/1 s:512x288 i:P iskey:1 type:I",
        ] {
            assert_eq!(frame(line), Some(shown));
        }
        let nothing =
            "[Parsed_showinfo_1 @ 0x55f4] [info] n:   3 pts:NOPTS pts_time:NOPTS s:4x2 i:P";
        assert_eq!(frame(nothing).map(|shown| shown.time), Some(None));
        let title = "[info]     title           : n: 1 pts: 2 s:3x4";
        assert_eq!(frame(title), None);
        let side = "[Parsed_showinfo_1 @ 0x55f4] [info]   side data - User Data Unregistered:";
        assert_eq!(frame(side), None);
    }

    #[test]
    fn versions_are_told_apart() {
        for (version, expected) in [
            ("ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright", BEFORE),
            ("ffmpeg version 5.0 Copyright", BEFORE),
            ("ffmpeg version 5.1.9-0+deb12u1 Copyright", TODAY),
            (
                "ffmpeg version n9.0.2-17-g2a571b6068-20260930 Copyright",
                TODAY,
            ),
            ("ffmpeg version N-112233-gabcdef Copyright", TODAY),
            ("", TODAY),
        ] {
            assert_eq!(
                dialect_of(version).pass_through,
                expected.pass_through,
                "{version}"
            );
        }
    }

    #[test]
    fn complaints_are_told_from_notes() {
        for (line, said) in [
            (
                "[h264 @ 0x5603fbb97c40] [error] error while decoding MB 11 25, bytestream -20\n",
                Some("h264: error while decoding MB 11 25, bytestream -20"),
            ),
            (
                "[NULL @ 0x5603] [error] Invalid NAL unit size (0 > 1777).\n",
                Some("Invalid NAL unit size (0 > 1777)."),
            ),
            (
                "[warning] file:a.mp4: corrupt decoded frame in stream 0\n",
                Some("file:a.mp4: corrupt decoded frame in stream 0"),
            ),
            (
                "[swscaler @ 0x1] [warning] deprecated pixel format used\n",
                None,
            ),
            ("[info] Stream mapping:\n", None),
        ] {
            assert_eq!(complaint(line).as_deref(), said);
        }
    }
}
