//! HEIC pictures (ISO/IEC 23008-12): where their tiles lie, as a bare stream of HEVC. Phones cut a picture
//! into tiles, and few versions of FFmpeg put them together again.

use std::ops::Range;

use image::{RgbImage, imageops};

/// A picture as tiles, in rows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heic {
    /// Every tile with its parameters, as bare HEVC: a frame each.
    pub stream: Vec<u8>,
    /// Columns and rows of tiles.
    pub grid: (u32, u32),
    /// Width and height of a tile.
    pub tile: (u32, u32),
    /// Width and height of the picture before it is turned.
    pub size: (u32, u32),
    /// The matrix of its colours (ITU-T H.273 table 4) and whether their range is full, where it is said.
    pub colours: Option<(u16, bool)>,
    /// How it is to be turned, in order.
    turns: Vec<Turn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Anticlockwise, in quarters.
    Rotated(u8),
    /// About a vertical axis, or a horizontal one.
    Mirrored { vertical: bool },
}

impl Heic {
    /// Reads an index; nothing where it is no HEIC, or one of a kind that is not known here.
    pub(crate) fn parse(file: &[u8]) -> Option<Self> {
        let (kind, _) = boxes(file).next()?;
        let meta = find(boxes(file), b"meta").filter(|_| kind == b"ftyp")?;
        let index = Index::read(file, meta.get(4..)?)?;
        let primary = index.primary;
        let (tiles, grid, size) = match index.kind_of(primary)? {
            b"hvc1" => (vec![primary], (1, 1), index.size_of(primary)?),
            b"grid" => {
                let (grid, size) = read_grid(&index.data_of(primary)?)?;
                let tiles = index.tiles_of(primary)?;
                let enough = tiles.len() as u32 == grid.0 * grid.1;
                (enough.then_some(tiles)?, grid, size)
            }
            _ => return None,
        };
        let tile = index.size_of(*tiles.first()?)?;
        let mut stream = Vec::new();
        for &id in &tiles {
            if index.size_of(id)? != tile {
                return None;
            }
            let config = index.property_of(id, b"hvcC")?;
            append_parameters(&mut stream, config)?;
            let length = usize::from(config.get(21)? & 3) + 1;
            append_units(&mut stream, &index.data_of(id)?, length)?;
        }
        let covered = u64::from(grid.0) * u64::from(tile.0) >= u64::from(size.0)
            && u64::from(grid.1) * u64::from(tile.1) >= u64::from(size.1);
        let colours = [primary, tiles[0]]
            .into_iter()
            .find_map(|id| colours_of(index.property_of(id, b"colr")?));
        covered.then_some(Self {
            stream,
            grid,
            tile,
            size,
            colours,
            turns: index.turns_of(primary),
        })
    }

    /// The picture of its tiles, RGB one after the other, turned as it is to be.
    pub(crate) fn picture(&self, tiles: Vec<u8>) -> Option<RgbImage> {
        let (width, height) = self.tile;
        let mut picture = RgbImage::new(self.size.0, self.size.1);
        let bytes = width as usize * height as usize * 3;
        for (place, tile) in tiles.chunks_exact(bytes).enumerate() {
            let tile = RgbImage::from_raw(width, height, tile.to_vec())?;
            let (column, row) = (place as u32 % self.grid.0, place as u32 / self.grid.0);
            let (x, y) = (i64::from(column * width), i64::from(row * height));
            imageops::replace(&mut picture, &tile, x, y);
        }
        for turn in &self.turns {
            picture = match turn {
                Turn::Rotated(1) => imageops::rotate270(&picture),
                Turn::Rotated(2) => imageops::rotate180(&picture),
                Turn::Rotated(3) => imageops::rotate90(&picture),
                Turn::Rotated(_) => picture,
                Turn::Mirrored { vertical: true } => imageops::flip_horizontal(&picture),
                Turn::Mirrored { vertical: false } => imageops::flip_vertical(&picture),
            };
        }
        Some(picture)
    }
}

type Named<'a> = (&'a [u8], &'a [u8]);

/// An item, whether it lies in `idat`, and its extents.
type Place = (u32, bool, Vec<Range<u64>>);

/// What a file's box `meta` says.
struct Index<'a> {
    primary: u32,
    file: &'a [u8],
    /// Items and their kinds.
    kinds: Vec<(u32, &'a [u8])>,
    places: Vec<Place>,
    idat: &'a [u8],
    properties: Vec<Named<'a>>,
    /// By item, its properties, counted from 1.
    has: Vec<(u32, Vec<usize>)>,
    /// Items and what they are made of.
    made_of: Vec<(u32, Vec<u32>)>,
}

impl<'a> Index<'a> {
    fn read(file: &'a [u8], meta: &'a [u8]) -> Option<Self> {
        let inside = |kind: &[u8; 4]| find(boxes(meta), kind);
        let iprp = inside(b"iprp")?;
        let mut pitm = Reader(inside(b"pitm")?);
        let wide = pitm.number(4)? >> 24 > 0;
        Some(Self {
            primary: pitm.number(if wide { 4 } else { 2 })? as u32,
            file,
            kinds: kinds(inside(b"iinf")?)?,
            places: places(inside(b"iloc")?)?,
            idat: inside(b"idat").unwrap_or_default(),
            properties: boxes(find(boxes(iprp), b"ipco")?).collect(),
            has: associations(find(boxes(iprp), b"ipma")?)?,
            made_of: inside(b"iref").map_or(Some(Vec::new()), references)?,
        })
    }

    fn kind_of(&self, id: u32) -> Option<&'a [u8]> {
        let (_, kind) = self.kinds.iter().find(|(item, _)| *item == id)?;
        Some(kind)
    }

    fn tiles_of(&self, id: u32) -> Option<Vec<u32>> {
        let (_, tiles) = self.made_of.iter().find(|(item, _)| *item == id)?;
        Some(tiles.clone())
    }

    fn data_of(&self, id: u32) -> Option<Vec<u8>> {
        let (_, in_idat, extents) = self.places.iter().find(|(item, ..)| *item == id)?;
        let from = if *in_idat { self.idat } else { self.file };
        let mut data = Vec::new();
        for extent in extents {
            let place = usize::try_from(extent.start).ok()?..usize::try_from(extent.end).ok()?;
            data.extend_from_slice(from.get(place)?);
        }
        Some(data)
    }

    fn properties_of(&self, id: u32) -> impl Iterator<Item = Named<'a>> {
        let has = self.has.iter().find(|(item, _)| *item == id);
        let places = has.map_or(&[][..], |(_, places)| places).iter();
        places.filter_map(|place| self.properties.get(place.checked_sub(1)?).copied())
    }

    fn property_of(&self, id: u32, kind: &[u8; 4]) -> Option<&'a [u8]> {
        find(self.properties_of(id), kind)
    }

    fn size_of(&self, id: u32) -> Option<(u32, u32)> {
        let mut size = Reader(self.property_of(id, b"ispe")?.get(4..)?);
        let (width, height) = (size.number(4)? as u32, size.number(4)? as u32);
        (width > 0 && height > 0).then_some((width, height))
    }

    fn turns_of(&self, id: u32) -> Vec<Turn> {
        let turn = |(kind, data): Named<'_>| match (kind, data) {
            (b"irot", [angle, ..]) => Some(Turn::Rotated(angle & 3)),
            (b"imir", [axis, ..]) => Some(Turn::Mirrored {
                vertical: axis & 1 == 1,
            }),
            _ => None,
        };
        self.properties_of(id).filter_map(turn).collect()
    }
}

/// Numbers from the front of bytes, the high byte first.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    fn number(&mut self, bytes: usize) -> Option<u64> {
        let bytes = self.bytes(bytes)?;
        Some(
            bytes
                .iter()
                .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        )
    }
}

/// The boxes within one: kind and content.
fn boxes(data: &[u8]) -> impl Iterator<Item = Named<'_>> {
    let mut rest = Reader(data);
    std::iter::from_fn(move || {
        let left = rest.0.len() as u64;
        let mut size = rest.number(4)?;
        let kind = rest.bytes(4)?;
        let mut head = 8;
        if size == 1 {
            (size, head) = (rest.number(8)?, 16);
        } else if size == 0 {
            size = left;
        }
        let content = rest.bytes(usize::try_from(size.checked_sub(head)?).ok()?)?;
        Some((kind, content))
    })
}

fn find<'a>(mut all: impl Iterator<Item = Named<'a>>, kind: &[u8; 4]) -> Option<&'a [u8]> {
    all.find_map(|(found, content)| (found == kind).then_some(content))
}

fn kinds(iinf: &[u8]) -> Option<Vec<(u32, &[u8])>> {
    let mut rest = Reader(iinf);
    let wide = rest.number(4)? >> 24 > 0;
    rest.number(if wide { 4 } else { 2 })?;
    let entry = |(_, content)| {
        let mut entry = Reader(content);
        let version = entry.number(4)? >> 24;
        let id = entry.number(if version > 2 { 4 } else { 2 })? as u32;
        entry.number(2)?;
        Some((id, entry.bytes(4)?))
    };
    Some(boxes(rest.0).filter_map(entry).collect())
}

fn places(iloc: &[u8]) -> Option<Vec<Place>> {
    let mut rest = Reader(iloc);
    let version = rest.number(4)? >> 24;
    let sizes = rest.number(2)? as usize;
    let [offset, length, base, index] = [12, 8, 4, 0].map(|shift| sizes >> shift & 15);
    let id_size = if version < 2 { 2 } else { 4 };
    let count = rest.number(id_size)?;
    let mut places = Vec::new();
    for _ in 0..count {
        let id = rest.number(id_size)? as u32;
        let method = if version > 0 { rest.number(2)? & 15 } else { 0 };
        rest.number(2)?;
        let base = rest.number(base)?;
        let extents = (0..rest.number(2)?).map(|_| {
            if version > 0 {
                rest.number(index)?;
            }
            let start = base.checked_add(rest.number(offset)?)?;
            Some(start..start.checked_add(rest.number(length)?)?)
        });
        let extents = extents.collect::<Option<Vec<_>>>()?;
        places.push((id, method == 1, extents));
    }
    Some(places)
}

fn associations(ipma: &[u8]) -> Option<Vec<(u32, Vec<usize>)>> {
    let mut rest = Reader(ipma);
    let head = rest.number(4)?;
    let (id_size, wide) = (if head >> 24 < 1 { 2 } else { 4 }, head & 1 == 1);
    let count = rest.number(4)?;
    let mut has = Vec::new();
    for _ in 0..count {
        let id = rest.number(id_size)? as u32;
        let places = (0..rest.number(1)?).map(|_| match wide {
            true => Some(rest.number(2)? as usize & 0x7fff),
            false => Some(rest.number(1)? as usize & 0x7f),
        });
        has.push((id, places.collect::<Option<Vec<_>>>()?));
    }
    Some(has)
}

/// What items are made of.
fn references(iref: &[u8]) -> Option<Vec<(u32, Vec<u32>)>> {
    let mut rest = Reader(iref);
    let size = if rest.number(4)? >> 24 > 0 { 4 } else { 2 };
    let made_of = boxes(rest.0).filter(|(kind, _)| *kind == b"dimg");
    let made_of = made_of.map(|(_, content)| {
        let mut rest = Reader(content);
        let id = rest.number(size)? as u32;
        let of = (0..rest.number(2)?).map(|_| Some(rest.number(size)? as u32));
        Some((id, of.collect::<Option<Vec<_>>>()?))
    });
    made_of.collect()
}

/// Columns and rows, and the size of the picture.
fn read_grid(data: &[u8]) -> Option<((u32, u32), (u32, u32))> {
    let mut rest = Reader(data);
    let wide = rest.number(2)? & 1 == 1;
    let (rows, columns) = (rest.number(1)? as u32 + 1, rest.number(1)? as u32 + 1);
    let bytes = if wide { 4 } else { 2 };
    let size = (rest.number(bytes)? as u32, rest.number(bytes)? as u32);
    Some(((columns, rows), size))
}

fn colours_of(colr: &[u8]) -> Option<(u16, bool)> {
    let mut rest = Reader(colr.strip_prefix(b"nclx")?);
    rest.number(4)?;
    Some((rest.number(2)? as u16, rest.number(1)? >> 7 == 1))
}

const START: [u8; 4] = [0, 0, 0, 1];

/// The parameter sets of a configuration (ISO/IEC 14496-15 section 8.3.3.1).
fn append_parameters(stream: &mut Vec<u8>, config: &[u8]) -> Option<()> {
    let mut rest = Reader(config.get(22..)?);
    for _ in 0..rest.number(1)? {
        rest.number(1)?;
        for _ in 0..rest.number(2)? {
            let length = rest.number(2)? as usize;
            stream.extend(START);
            stream.extend_from_slice(rest.bytes(length)?);
        }
    }
    Some(())
}

/// Units, each with its length before it.
fn append_units(stream: &mut Vec<u8>, data: &[u8], length: usize) -> Option<()> {
    let mut rest = Reader(data);
    while !rest.0.is_empty() {
        let length = usize::try_from(rest.number(length)?).ok()?;
        stream.extend(START);
        stream.extend_from_slice(rest.bytes(length)?);
    }
    Some(())
}

#[cfg(test)]
mod tests;
