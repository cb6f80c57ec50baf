import CHDF5
import Foundation

/// Where HDF5 puts everything in a checkpoint, and all bytes of it that are not tensors.
///
/// HDF5 1.10 can lose data without a word when a disk is full, and can crash (its close never syncs). So it never sees
/// a disk: it lays the file out in memory, with data sets that are allocated and never filled, which costs memory for
/// the metadata alone. What goes to the disk is written by `CheckpointWriter`.
struct FileLayout {
    /// Of the whole file.
    let byteCount: Int
    /// Where the data of each tensor begins: all parameters, all first moments, all second moments.
    let dataOffsets: [Int]
    /// Everything outside the data, as runs of bytes that begin at `offset`.
    let metadata: [(offset: Int, bytes: [UInt8])]

    /// Data sets of at least this size begin at a multiple of it.
    private static let alignment: hsize_t = 16 * 1024

    /// Lays out a checkpoint. Equal tensors and equally long texts give equal offsets.
    init(header: CheckpointHeader, digest: String, tensors: [TensorSpecification]) throws {
        let memory = try MemoryFile()
        let path = MemoryFile.path(of: memory.descriptor)
        do {
            dataOffsets = try HDF5.withLibrary {
                try Self.build(path, header: header, digest: digest, tensors: tensors)
            }
        } catch let error as CheckpointError {
            throw error.during("lay out a checkpoint of \(tensors.count) tensors", .cannotWrite)
        }
        let file = try InputFile(memory)
        let counts = TensorGroup.allCases.flatMap { _ in tensors.map(\.count) }
        byteCount = file.byteCount
        metadata = try Self.gaps(between: zip(dataOffsets, counts.map { $0 * 4 }), upTo: byteCount).map {
            ($0.lowerBound, try file.bytes(at: $0.lowerBound, count: $0.count))
        }
    }

    /// The ranges below `end` that no (offset, byte count) pair covers; the pairs must not overlap.
    static func gaps(between extents: some Sequence<(Int, Int)>, upTo end: Int) throws -> [Range<Int>] {
        var gaps: [Range<Int>] = []
        var position = 0
        for (offset, count) in extents.sorted(by: { $0.0 < $1.0 }) {
            guard offset >= position, count <= end - offset else {
                throw CheckpointError(
                    .damaged, "data sets overlap or leave the file: bytes \(offset)..<\(offset + count) of \(end)")
            }
            if offset > position { gaps.append(position..<offset) }
            position = offset + count
        }
        if position < end { gaps.append(position..<end) }
        return gaps
    }

    /// Writes the HDF5 file at `path`, without data; returns where the data go.
    private static func build(
        _ path: String, header: CheckpointHeader, digest: String, tensors: [TensorSpecification]
    ) throws -> [Int] {
        let file = try HDF5Handle(creatingFile: path, alignment: alignment, keepsOrder: false)
        try writeAttributes(of: file.identifier, header: header, digest: digest)
        let optimizer = try makeGroup("optimizer", in: file.identifier)
        var offsets: [Int] = []
        for group in TensorGroup.allCases {
            let handle = try makeGroup(group.rawValue, in: file.identifier)
            for tensor in tensors { offsets.append(try allocate(tensor, in: handle.identifier)) }
            try handle.close("close the group \(group.rawValue)")
        }
        try optimizer.close("close the group optimizer")
        try file.close("finish a file in memory")
        return offsets
    }

    private static func writeAttributes(of file: hid_t, header: CheckpointHeader, digest: String) throws {
        try writeAttribute("schema", Int64(CheckpointHeader.schema), of: file)
        try writeAttribute("step", Int64(header.step), of: file)
        try writeAttribute("tokens", Int64(header.tokens), of: file)
        try HDF5.writeAttribute("config", header.config, of: file)
        try HDF5.writeAttribute("digest", digest, of: file)
        for (name, text) in header.attributes.sorted(by: { $0.key < $1.key }) {
            try HDF5.writeAttribute(name, text, of: file)
        }
    }

    /// A group that remembers the order of its members, which is the order of the digest.
    private static func makeGroup(_ name: String, in file: hid_t) throws -> HDF5Handle {
        let properties = try HDF5Handle(H5Pcreate(CHDF5_group_create()), "make group properties")
        try HDF5.check(H5Pset_obj_track_times(properties.identifier, false), "leave out object times")
        try HDF5.check(H5Pset_link_creation_order(properties.identifier, CHDF5_creation_order()), "keep order")
        return try HDF5Handle(H5Gcreate2(file, name, 0, properties.identifier, 0), "create the group \(name)")
    }

    /// A contiguous data set of 32-bit little-endian floats that is allocated and not filled; returns its offset.
    private static func allocate(_ tensor: TensorSpecification, in group: hid_t) throws -> Int {
        let properties = try HDF5Handle(H5Pcreate(CHDF5_dataset_create()), "make data set properties")
        try HDF5.check(H5Pset_obj_track_times(properties.identifier, false), "leave out object times")
        try HDF5.check(H5Pset_layout(properties.identifier, H5D_CONTIGUOUS), "lay out contiguously")
        try HDF5.check(H5Pset_alloc_time(properties.identifier, H5D_ALLOC_TIME_EARLY), "allocate early")
        try HDF5.check(H5Pset_fill_time(properties.identifier, H5D_FILL_TIME_NEVER), "leave data unfilled")
        let extents = tensor.shape.map(hsize_t.init)
        let space = try HDF5Handle(
            H5Screate_simple(Int32(extents.count), extents, nil), "make a space of shape \(tensor.shape)")
        let data = try HDF5Handle(
            H5Dcreate2(group, tensor.name, CHDF5_float32(), space.identifier, 0, properties.identifier, 0),
            "create the data set \(tensor.name)")
        let offset = H5Dget_offset(data.identifier)
        guard offset != CHDF5_no_address(), let position = Int(exactly: offset) else {
            throw HDF5.error("place the data set \(tensor.name)")
        }
        try data.close("close the data set \(tensor.name)")
        return position
    }

    private static func writeAttribute(_ name: String, _ number: Int64, of file: hid_t) throws {
        let space = try HDF5Handle(H5Screate(H5S_SCALAR), "make a space")
        let attribute = try HDF5Handle(
            H5Acreate2(file, name, CHDF5_int64(), space.identifier, 0, 0), "create the attribute \(name)")
        try withUnsafeBytes(of: number.littleEndian) {
            _ = try HDF5.check(
                H5Awrite(attribute.identifier, CHDF5_int64(), $0.baseAddress), "write the attribute \(name)")
        }
    }
}
