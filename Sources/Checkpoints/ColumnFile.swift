import CHDF5
import Foundation

/// A table as an HDF5 file: one 1-D data set per column at the root, with its unit and what it is as attributes. It is
/// plain HDF5, as checkpoints are: contiguous, no filters, no links.
public struct ColumnFile {
    /// The values of a column, one per row.
    public enum Values: Sendable, Equatable {
        /// 64-bit little-endian integers.
        case integers([Int64])
        /// 64-bit little-endian floats; a missing value is NaN.
        case numbers([Double])
        /// UTF-8 strings of one fixed length in bytes, padded with zero bytes.
        case texts([String])

        /// Rows.
        public var count: Int {
            switch self {
            case .integers(let values): values.count
            case .numbers(let values): values.count
            case .texts(let values): values.count
            }
        }
    }

    /// A named column.
    public struct Column: Sendable, Equatable {
        /// Of the data set.
        public let name: String
        /// The attribute `unit`.
        public let unit: String
        /// One per row.
        public let values: Values

        /// A column with its unit.
        public init(name: String, unit: String, values: Values) {
            self.name = name
            self.unit = unit
            self.values = values
        }
    }

    private let columns: [Column]
    private let attributes: [(name: String, text: String)]

    /// A table of columns of equal length, in the order in which readers list them.
    ///
    /// - Parameter attributes: texts of the whole file.
    /// - Throws: `CheckpointError` of kind `unsuitable` for a name that HDF5 would take for a path, or that stands twice.
    public init(_ columns: [Column], attributes: [(name: String, text: String)] = []) throws {
        let rows = columns.first?.values.count ?? 0
        precondition(columns.allSatisfy { $0.values.count == rows }, "columns of a file differ in length")
        var names: Set<String> = []
        for column in columns {
            guard !column.name.isEmpty, column.name != ".", !column.name.contains("/"), !column.name.contains("\0"),
                names.insert(column.name).inserted
            else {
                throw CheckpointError(
                    .unsuitable,
                    "cannot write a column \"\(column.name)\" as HDF5: names must differ, and have no slash; rename it")
            }
        }
        self.columns = columns
        self.attributes = attributes
    }

    /// Writes the file beside its place, syncs it and renames it over any older one. HDF5 itself only writes in memory.
    /// - Throws: `CheckpointError` of kind `cannotWrite`.
    public func write(to url: URL) throws {
        let memory = try MemoryFile()
        do {
            try HDF5.withLibrary { try build(MemoryFile.path(of: memory.descriptor)) }
        } catch let error as CheckpointError {
            throw error.during("make the table \(url.path)", .cannotWrite)
        }
        let image = try InputFile(memory)
        try writeAtomically(try image.bytes(at: 0, count: image.byteCount), to: url.standardizedFileURL.path)
    }

    private func build(_ path: String) throws {
        let file = try HDF5Handle(creatingFile: path, alignment: 1, keepsOrder: true)
        for (name, text) in attributes { try HDF5.writeAttribute(name, text, of: file.identifier) }
        for column in columns { try write(column, in: file.identifier) }
        try file.close("finish a file in memory")
    }

    private func write(_ column: Column, in file: hid_t) throws {
        switch column.values {
        case .integers(let values):
            let type = try HDF5Handle(H5Tcopy(CHDF5_int64()), "make an integer type")
            try values.map(\.littleEndian).withUnsafeBytes { try write(column, type, $0, in: file) }
        case .numbers(let values):
            let type = try HDF5Handle(H5Tcopy(CHDF5_float64()), "make a number type")
            try values.map(\.bitPattern.littleEndian).withUnsafeBytes { try write(column, type, $0, in: file) }
        case .texts(let texts):
            let length = max(1, texts.map(\.utf8.count).max() ?? 1)
            let type = try HDF5Handle(HDF5.textType(byteCount: length), "make a text type")
            let bytes = texts.flatMap { Array($0.utf8) + Array(repeating: 0, count: length - $0.utf8.count) }
            try bytes.withUnsafeBytes { try write(column, type, $0, in: file) }
        }
    }

    private func write(
        _ column: Column, _ type: borrowing HDF5Handle, _ bytes: UnsafeRawBufferPointer, in file: hid_t
    ) throws {
        let properties = try HDF5Handle(H5Pcreate(CHDF5_dataset_create()), "make data set properties")
        try HDF5.check(H5Pset_obj_track_times(properties.identifier, false), "leave out object times")
        let space = try HDF5Handle(
            H5Screate_simple(1, [hsize_t(column.values.count)], nil), "make a space of \(column.values.count) rows")
        let data = try HDF5Handle(
            H5Dcreate2(file, column.name, type.identifier, space.identifier, 0, properties.identifier, 0),
            "create the data set \(column.name)")
        if !bytes.isEmpty {
            try HDF5.check(
                H5Dwrite(data.identifier, type.identifier, 0, 0, 0, bytes.baseAddress), "write \(column.name)")
        }
        try HDF5.writeAttribute("unit", column.unit, of: data.identifier)
        try data.close("close the data set \(column.name)")
    }
}
