import CHDF5
import Foundation

/// What HDF5 finds in a checkpoint: attributes, and where each tensor lies. Reads no tensor.
struct CheckpointContents {
    let header: CheckpointHeader
    let digest: String
    /// The parameters, in the order in which they were written.
    let tensors: [TensorSpecification]
    /// Where the data of each tensor begins, by group, in the order of `tensors`.
    let offsets: [TensorGroup: [Int]]

    /// Reads the metadata of `input`, whose bytes must have been verified.
    ///
    /// Throws `CheckpointError`: `damaged` for anything that this format does not hold; `cannotRead` when HDF5 does not
    /// open the file at all, for its bytes are as committed and the reason may be the system's.
    init(_ input: InputFile) throws {
        self = try HDF5.withLibrary {
            let name = MemoryFile.path(of: input.descriptor)
            let opened = H5Fopen(name, CHDF5_read_only(), 0)
            if opened < 0 { throw HDF5.error("open the file").during("read \(input.path)", .cannotRead) }
            let file = try HDF5Handle(opened, "open \(input.path)")
            let root = try HDF5Handle(H5Gopen2(file.identifier, "/", 0), "open the root of \(input.path)")
            return try CheckpointContents(root: root.identifier, input)
        }
    }

    private init(root: hid_t, _ input: InputFile) throws {
        var integers: [String: Int] = [:]
        var texts: [String: String] = [:]
        for index in 0..<(try HDF5.check(H5Aget_num_attrs(root), "count the attributes of \(input.path)")) {
            let attribute = try StoredAttribute(root, index: Int(index))
            switch attribute.value {
            case .integer(let number): integers[attribute.name] = number
            case .text(let text): texts[attribute.name] = text
            }
        }
        guard integers["schema"] == CheckpointHeader.schema else {
            let found = integers["schema"].map { "\($0)" } ?? "missing"
            throw CheckpointError(
                .unsuitable, "\(input.path) has schema \(found), this version reads \(CheckpointHeader.schema)")
        }
        guard let step = integers["step"], let tokens = integers["tokens"],
            let config = texts.removeValue(forKey: "config"), let digest = texts.removeValue(forKey: "digest")
        else {
            throw CheckpointError(.damaged, "\(input.path) lacks one of the attributes step, tokens, config, digest")
        }
        header = CheckpointHeader(step: step, tokens: tokens, config: config, attributes: texts)
        self.digest = digest
        var groups: [TensorGroup: [StoredTensor]] = [:]
        for group in TensorGroup.allCases { groups[group] = try StoredTensor.all(of: group, in: root, input) }
        let parameters = groups[.parameters, default: []].map(\.specification)
        try TensorSpecification.validate(parameters)
        for (group, stored) in groups where stored.map(\.specification) != parameters {
            throw CheckpointError(
                .damaged, "\(input.path): the tensors of \(group.rawValue) are not those of parameters")
        }
        tensors = parameters
        offsets = groups.mapValues { $0.map(\.offset) }
        let extents = groups.values.joined().map { ($0.offset, $0.specification.count * 4) }
        _ = try FileLayout.gaps(between: extents, upTo: input.byteCount)
    }
}

/// A data set of the one kind that a checkpoint holds: 32-bit little-endian floats, contiguous, without filters.
private struct StoredTensor {
    let specification: TensorSpecification
    let offset: Int

    /// The data sets of a group, in the order in which they were made.
    static func all(of group: TensorGroup, in root: hid_t, _ input: InputFile) throws -> [StoredTensor] {
        let handle = try HDF5Handle(H5Gopen2(root, group.rawValue, 0), "open \(group.rawValue) in \(input.path)")
        var information = H5G_info_t()
        try HDF5.check(H5Gget_info(handle.identifier, &information), "examine \(group.rawValue) in \(input.path)")
        var tensors: [StoredTensor] = []
        for index in 0..<information.nlinks {
            tensors.append(try StoredTensor(handle.identifier, index: index, input))
        }
        return tensors
    }

    private init(_ group: hid_t, index: hsize_t, _ input: InputFile) throws {
        let name = try hdf5Text("name a tensor in \(input.path)") {
            H5Lget_name_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, index, $0, $1, 0)
        }
        guard CHDF5_is_hard_link(group, name) == 1 else {
            throw CheckpointError(.damaged, "\(name) in \(input.path) is a link to somewhere else")
        }
        let data = try HDF5Handle(H5Dopen2(group, name, 0), "open the data set \(name) in \(input.path)")
        try Self.requirePlainFloats(data.identifier, "\(name) in \(input.path)")
        let shape = try Self.shape(data.identifier, "\(name) in \(input.path)")
        let position = H5Dget_offset(data.identifier)
        guard position != CHDF5_no_address(), let offset = Int(exactly: position),
            let count = TensorSpecification.checkedCount(shape), offset <= input.byteCount,
            count * 4 <= input.byteCount - offset
        else {
            throw CheckpointError(.damaged, "\(name) of shape \(shape) in \(input.path) does not fit in the file")
        }
        specification = TensorSpecification(name: name, shape: shape)
        self.offset = offset
    }

    private static func requirePlainFloats(_ data: hid_t, _ description: String) throws {
        let type = try HDF5Handle(H5Dget_type(data), "find the type of \(description)")
        let properties = try HDF5Handle(H5Dget_create_plist(data), "find the layout of \(description)")
        guard H5Tequal(type.identifier, CHDF5_float32()) > 0, H5Pget_layout(properties.identifier) == H5D_CONTIGUOUS,
            H5Pget_nfilters(properties.identifier) == 0, H5Pget_external_count(properties.identifier) == 0
        else {
            throw CheckpointError(
                .damaged, "\(description) is not a plain data set: contiguous 32-bit little-endian floats, no filters")
        }
    }

    private static func shape(_ data: hid_t, _ description: String) throws -> [Int] {
        let space = try HDF5Handle(H5Dget_space(data), "find the shape of \(description)")
        let rank = H5Sget_simple_extent_ndims(space.identifier)
        guard (1...32).contains(rank) else {
            throw CheckpointError(.damaged, "\(description) has \(rank) dimensions")
        }
        var extents = [hsize_t](repeating: 0, count: Int(rank))
        try HDF5.check(
            H5Sget_simple_extent_dims(space.identifier, &extents, nil), "find the shape of \(description)")
        return extents.map { Int(clamping: $0) }
    }
}

/// An attribute of the root: an integer or a text.
private struct StoredAttribute {
    enum Value {
        case integer(Int)
        case text(String)
    }

    let name: String
    let value: Value

    init(_ root: hid_t, index: Int) throws {
        let attribute = try HDF5Handle(
            H5Aopen_by_idx(root, ".", H5_INDEX_NAME, H5_ITER_INC, hsize_t(index), 0, 0), "open attribute \(index)")
        let identifier = attribute.identifier
        name = try hdf5Text("name attribute \(index)") { H5Aget_name(identifier, $1, $0) }
        let type = try HDF5Handle(H5Aget_type(identifier), "find the type of attribute \(name)")
        let space = try HDF5Handle(H5Aget_space(identifier), "find the shape of attribute \(name)")
        guard H5Sget_simple_extent_npoints(space.identifier) == 1 else {
            throw CheckpointError(.damaged, "attribute \(name) is not a single value")
        }
        if H5Tequal(type.identifier, CHDF5_int64()) > 0 {
            value = .integer(try Self.integer(identifier, name))
        } else {
            value = .text(try Self.text(identifier, type.identifier, name))
        }
    }

    private static func integer(_ attribute: hid_t, _ name: String) throws -> Int {
        var number: Int64 = 0
        try HDF5.check(H5Aread(attribute, CHDF5_int64(), &number), "read attribute \(name)")
        return Int(number)
    }

    private static func text(_ attribute: hid_t, _ type: hid_t, _ name: String) throws -> String {
        let size = H5Tget_size(type)
        guard H5Tget_class(type) == H5T_STRING, H5Tis_variable_str(type) == 0, size <= CheckpointHeader.largestText
        else {
            throw CheckpointError(.damaged, "attribute \(name) is neither an integer nor a text of fixed length")
        }
        var bytes = [UInt8](repeating: 0, count: size)
        try HDF5.check(H5Aread(attribute, type, &bytes), "read attribute \(name)")
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// A text from a call that, asked without a buffer, returns the length of the text.
private func hdf5Text(_ operation: String, _ call: (UnsafeMutablePointer<CChar>?, Int) -> Int) throws -> String {
    let length = try HDF5.check(call(nil, 0), operation)
    guard length <= 65_536 else {
        throw CheckpointError(.damaged, "HDF5 cannot \(operation): the name has \(length) bytes")
    }
    var characters = [CChar](repeating: 0, count: length + 1)
    try characters.withUnsafeMutableBufferPointer { _ = try HDF5.check(call($0.baseAddress, $0.count), operation) }
    return String(decoding: characters.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
}
