import CHDF5
import Foundation

/// The one door to the HDF5 library, which is not safe for threads: everything happens inside `withLibrary`.
enum HDF5 {
    private static let lock = NSLock()

    /// Once per process, before the first call that opens a file.
    private static let configured: Void = {
        // Locks fail on some network file systems, and the files that HDF5 opens here are never shared.
        setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1)
        // Every file is closed where it is opened. Left to close down at exit, HDF5 can loop over what a damaged file
        // left in its lists.
        H5dont_atexit()
        H5open()
        // Plugins are never loaded, whatever a file asks for.
        H5PLset_loading_state(0)
    }()

    static func withLibrary<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        configured
        // Errors are collected by `error`, not printed. Some builds keep this setting per thread.
        H5Eset_auto2(0, nil, nil)
        return try body()
    }

    /// Throws what HDF5 says about its last failure when `status` is negative, as its calls report it.
    @discardableResult
    static func check<Status: SignedInteger>(_ status: Status, _ operation: String) throws -> Status {
        if status < 0 { throw error(operation) }
        return status
    }

    /// The error stack as one sentence, from the call that failed to the cause.
    static func error(_ operation: String) -> CheckpointError {
        var causes: [String] = []
        withUnsafeMutablePointer(to: &causes) { causes in
            _ = H5Ewalk2(
                0, H5E_WALK_DOWNWARD,
                { _, entry, causes in
                    guard let text = entry?.pointee.desc, let causes else { return 0 }
                    causes.assumingMemoryBound(to: [String].self).pointee.append(String(cString: text))
                    return 0
                }, causes)
        }
        H5Eclear2(0)
        let reason = causes.isEmpty ? "no reason given" : causes.joined(separator: ": ")
        return CheckpointError(.damaged, "HDF5 cannot \(operation): \(reason)")
    }
}

/// An HDF5 identifier that is owned: file, group, data set, data space, type, attribute or property list.
struct HDF5Handle: ~Copyable {
    let identifier: hid_t

    /// Takes over what a call returned, after checking it.
    init(_ identifier: hid_t, _ operation: String) throws {
        self.identifier = try HDF5.check(identifier, operation)
    }

    deinit { H5Idec_ref(identifier) }

    /// Releases the identifier, and reports what that did: for a file, this is when HDF5 writes.
    consuming func close(_ operation: String) throws {
        let identifier = identifier
        discard self
        try HDF5.check(H5Idec_ref(identifier), operation)
    }
}

/// A file without a place on a disk, which HDF5 reaches by a name: what HDF5 lays out costs only what it writes.
struct MemoryFile: ~Copyable {
    let descriptor: Int32

    init() throws {
        descriptor = CHDF5_memory_file("apus-checkpoint")
        if descriptor < 0 {
            throw CheckpointError.system(.cannotWrite, "create", "a file in memory", errorNumber: errno)
        }
    }

    deinit { close(descriptor) }

    /// The name by which this process opens a descriptor again.
    static func path(of descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }
}
