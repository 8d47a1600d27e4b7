use super::*;

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = (content.len() as u32 + 8).to_be_bytes();
    [&size[..], kind, content].concat()
}

fn sized(kind: &[u8; 4], (width, height): (u32, u32)) -> Vec<u8> {
    let content = [[0; 4], width.to_be_bytes(), height.to_be_bytes()].concat();
    boxed(kind, &content)
}

/// A picture of tiles, as phones write it: units of each tile with their lengths before them; with
/// parameters, and `turns` among the properties of the whole.
fn heic(
    tiles: &[Vec<u8>],
    parameters: &[Vec<u8>],
    (columns, rows): (u8, u8),
    tile: (u32, u32),
    size: (u16, u16),
    turns: &[Vec<u8>],
) -> Vec<u8> {
    let count = tiles.len() as u16;
    let grid = [
        &[0, 0, rows - 1, columns - 1][..],
        &size.0.to_be_bytes(),
        &size.1.to_be_bytes(),
    ]
    .concat();
    let mut config = vec![0; 21];
    config.extend([3, parameters.len() as u8]);
    for unit in parameters {
        config.extend([&[0, 0, 1][..], &(unit.len() as u16).to_be_bytes(), unit].concat());
    }
    let colr = [&b"nclx"[..], &[0, 1, 0, 13, 0, 6, 0x80]].concat();
    let whole = (u32::from(size.0), u32::from(size.1));
    let mut properties = vec![
        boxed(b"hvcC", &config),
        sized(b"ispe", tile),
        sized(b"ispe", whole),
        boxed(b"colr", &colr),
    ];
    properties.extend_from_slice(turns);
    // Item 1 is the whole, those behind it its tiles.
    let of_whole: Vec<u8> = (3..=properties.len() as u8).collect();
    let mut ipma = vec![0, 0, 0, 0];
    ipma.extend((u32::from(count) + 1).to_be_bytes());
    ipma.extend([&[0, 1, of_whole.len() as u8][..], &of_whole].concat());
    let mut iinf = [&[0; 4][..], &(count + 1).to_be_bytes()].concat();
    let infe = |id: u16, kind: &[u8; 4]| {
        let content = [&[2, 0, 0, 0][..], &id.to_be_bytes(), &[0, 0], kind, &[0]].concat();
        boxed(b"infe", &content)
    };
    iinf.extend(infe(1, b"grid"));
    let mut dimg = [1_u16.to_be_bytes(), count.to_be_bytes()].concat();
    for id in 2..count + 2 {
        ipma.extend([&id.to_be_bytes()[..], &[2, 1, 2]].concat());
        iinf.extend(infe(id, b"hvc1"));
        dimg.extend(id.to_be_bytes());
    }
    let iref = [&[0; 4][..], &boxed(b"dimg", &dimg)].concat();
    let ftyp = boxed(b"ftyp", b"heic\0\0\0\0mif1heic");
    let iprp = [boxed(b"ipco", &properties.concat()), boxed(b"ipma", &ipma)].concat();
    let meta = |first: u32| {
        let mut iloc = vec![1, 0, 0, 0, 0x44, 0];
        iloc.extend((count + 1).to_be_bytes());
        let mut place = |id: u16, method: u16, start: u32, length: usize| {
            for number in [id, method, 0, 1] {
                iloc.extend(number.to_be_bytes());
            }
            iloc.extend([start.to_be_bytes(), (length as u32).to_be_bytes()].concat());
        };
        place(1, 1, 0, grid.len());
        let mut start = first;
        for (id, tile) in (2..).zip(tiles) {
            place(id, 0, start, tile.len());
            start += tile.len() as u32;
        }
        let content = [
            vec![0; 4],
            boxed(b"pitm", &[0, 0, 0, 0, 0, 1]),
            boxed(b"iinf", &iinf),
            boxed(b"iloc", &iloc),
            boxed(b"iref", &iref),
            boxed(b"idat", &grid),
            boxed(b"iprp", &iprp),
        ];
        boxed(b"meta", &content.concat())
    };
    let first = ftyp.len() + meta(0).len() + 8;
    let data = boxed(b"mdat", &tiles.concat());
    [ftyp, meta(first as u32), data].concat()
}

fn unit(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

#[test]
fn tiles_and_turns_are_found() {
    let tiles = [&b"ab"[..], b"cd", b"e", b"f"].map(unit);
    let turned = [boxed(b"irot", &[3]), boxed(b"imir", &[0])];
    let parameters = [b"VPS".to_vec(), b"SPS".to_vec()];
    let file = heic(&tiles, &parameters, (2, 2), (4, 2), (7, 3), &turned);
    let read = Heic::parse(&file).unwrap();
    assert_eq!((read.grid, read.tile, read.size), ((2, 2), (4, 2), (7, 3)));
    assert_eq!(read.colours, Some((6, true)));
    let units = |tile: &str| format!("{0}VPS{0}SPS{0}{tile}", "\0\0\0\u{1}");
    let stream = ["ab", "cd", "e", "f"].map(units).concat();
    assert_eq!(read.stream, stream.as_bytes());
    // A pixel of another level for each tile; 90 degrees clockwise, then upside down.
    let levels: Vec<u8> = (1..=4).flat_map(|level| [level; 4 * 2 * 3]).collect();
    let picture = read.picture(levels).unwrap();
    assert_eq!(picture.dimensions(), (3, 7));
    let at = |x, y| picture.get_pixel(x, y).0[0];
    assert_eq!([at(2, 6), at(0, 6), at(2, 0), at(0, 0)], [1, 3, 2, 4]);
    for end in 0..file.len() {
        // Wherever it ends, nothing panics.
        _ = Heic::parse(&file[..end]);
    }
    let missing = heic(&tiles[..3], &parameters, (2, 2), (4, 2), (7, 3), &[]);
    assert_eq!(Heic::parse(&missing), None);
}

/// FFmpeg's own pictures, cut into tiles, coded, and read again.
#[test]
#[ignore = "needs FFmpeg's programs"]
fn a_picture_of_tiles_is_whole() {
    use std::{fs, process::Command};

    use face_preproc::pictures::Limits;

    let folder = tempfile::tempdir().unwrap();
    let (width, height) = (208, 160);
    let picture = RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([x as u8, (255 - y) as u8, (x / 2 + y / 2) as u8])
    });
    let side = 128;
    let mut parameters = Vec::new();
    let mut tiles = Vec::new();
    for (left, top) in [(0, 0), (side, 0), (0, side), (side, side)] {
        let tile = RgbImage::from_fn(side, side, |x, y| {
            let (x, y) = ((left + x).min(width - 1), (top + y).min(height - 1));
            *picture.get_pixel(x, y)
        });
        let [png, hevc] = ["tile.png", "tile.hevc"].map(|name| folder.path().join(name));
        tile.save(&png).unwrap();
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-y", "-i"]).arg(&png);
        ffmpeg.args(["-vf", "scale=out_color_matrix=bt601:out_range=full"]);
        ffmpeg.args(["-c:v", "libx265", "-pix_fmt", "yuv420p", "-crf", "4"]);
        ffmpeg.args([
            "-x265-params",
            "range=full:colormatrix=smpte170m:log-level=none",
        ]);
        assert!(ffmpeg.arg(&hevc).status().unwrap().success());
        let stream = fs::read(&hevc).unwrap();
        let starts: Vec<usize> = (0..stream.len() - 2)
            .filter(|&place| stream[place..].starts_with(&[0, 0, 1]))
            .collect();
        let ends = starts.iter().skip(1).copied().chain([stream.len()]);
        let units = starts.iter().zip(ends).map(|(start, end)| {
            let unit = &stream[start + 3..end];
            // A zero before a start code is the next one's.
            let zeros = unit.iter().rev().take_while(|byte| **byte == 0).count();
            unit[..unit.len() - zeros].to_vec()
        });
        let (sets, pictures): (Vec<_>, Vec<_>) =
            units.partition(|unit| matches!(unit[0] >> 1, 32..=34));
        parameters = sets;
        tiles.push(pictures.iter().flat_map(|found| unit(found)).collect());
    }
    let size = (width as u16, height as u16);
    let file = heic(&tiles, &parameters, (2, 2), (side, side), size, &[]);
    let path = folder.path().join("phone.heic");
    fs::write(&path, file).unwrap();
    let read = crate::read_picture(&path, &Limits::default()).unwrap();
    assert_eq!(read.dimensions(), (width, height));
    let apart = read
        .iter()
        .zip(picture.iter())
        .map(|(a, b)| f64::from(a.abs_diff(*b)));
    let mean = apart.sum::<f64>() / (width * height * 3) as f64;
    assert!(mean < 2.0, "{mean}");
}
