import CHDF5

extension HDF5 {
    /// A type of strings of a fixed length in UTF-8, padded with zero bytes; the caller owns the identifier.
    static func textType(byteCount: Int) throws -> hid_t {
        let type = try check(H5Tcopy(CHDF5_c_string()), "make a string type")
        try check(H5Tset_size(type, byteCount), "set a string's length")
        try check(H5Tset_strpad(type, H5T_STR_NULLPAD), "set a string's padding")
        try check(H5Tset_cset(type, H5T_CSET_UTF8), "set a string's encoding")
        return type
    }

    /// Gives a file or data set a text as an attribute; an empty one is a zero byte, since no string has no length.
    static func writeAttribute(_ name: String, _ text: String, of object: hid_t) throws {
        let bytes = text.isEmpty ? [0] : Array(text.utf8)
        let type = try HDF5Handle(textType(byteCount: bytes.count), "make a string type")
        let space = try HDF5Handle(H5Screate(H5S_SCALAR), "make a space")
        let attribute = try HDF5Handle(
            H5Acreate2(object, name, type.identifier, space.identifier, 0, 0), "create the attribute \(name)")
        try check(H5Awrite(attribute.identifier, type.identifier, bytes), "write the attribute \(name)")
    }
}

extension HDF5Handle {
    /// A new file at `path`.
    ///
    /// - Parameters:
    ///   - alignment: of data sets at least that large, in bytes.
    ///   - keepsOrder: whether its members are listed in the order of their creation.
    init(creatingFile path: String, alignment: hsize_t, keepsOrder: Bool) throws {
        let creation = try HDF5Handle(H5Pcreate(CHDF5_file_create()), "make file creation properties")
        try HDF5.check(H5Pset_obj_track_times(creation.identifier, false), "leave out object times")
        if keepsOrder {
            try HDF5.check(H5Pset_link_creation_order(creation.identifier, CHDF5_creation_order()), "keep order")
        }
        let access = try HDF5Handle(H5Pcreate(CHDF5_file_access()), "make file access properties")
        // HDF5's usual driver resolves the name of a file, which one in memory does not have; this one does not.
        try HDF5.check(H5Pset_fapl_stdio(access.identifier), "choose the stdio driver")
        try HDF5.check(H5Pset_alignment(access.identifier, alignment, alignment), "align data")
        try self.init(
            H5Fcreate(path, CHDF5_truncate(), creation.identifier, access.identifier), "create a file in memory")
    }
}
