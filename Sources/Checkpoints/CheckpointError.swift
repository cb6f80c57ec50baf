import Foundation

/// Why a checkpoint, a safetensors file or a Hugging Face folder could not be written, read or used.
public struct CheckpointError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a caller may want to tell apart. A struct, so that kinds may join without breaking a switch.
    public struct Kind: Hashable, Sendable {
        let name: String

        /// The system refused a write: disk full, no permission, input/output error. Older checkpoints are intact.
        public static let cannotWrite = Kind(name: "cannotWrite")
        /// The system refused a read: no such file, no permission.
        public static let cannotRead = Kind(name: "cannotRead")
        /// The bytes are not those that were committed, or not those of the format.
        public static let damaged = Kind(name: "damaged")
        /// The file has no commit record beside it: it was never finished, or the record was lost.
        public static let uncommitted = Kind(name: "uncommitted")
        /// A folder holds checkpoints, and none of them is good.
        public static let noneGood = Kind(name: "noneGood")
        /// A good file that holds something other than what was asked for: names, shapes, types, settings.
        public static let unsuitable = Kind(name: "unsuitable")
    }

    /// What kind of failure it is.
    public let kind: Kind
    /// One sentence: what was attempted, the values, what to do next.
    public let message: String
    /// The system's error number, where the system refused.
    public let errorNumber: Int32?

    init(_ kind: Kind, _ message: String, errorNumber: Int32? = nil) {
        self.kind = kind
        self.message = message
        self.errorNumber = errorNumber
    }

    /// The system refused `operation` on `path`.
    static func system(_ kind: Kind, _ operation: String, _ path: String, errorNumber: Int32) -> CheckpointError {
        let reason = String(cString: strerror(errorNumber))
        return CheckpointError(
            kind, "cannot \(operation) \(path): \(reason) (error \(errorNumber)); \(remedy(errorNumber))",
            errorNumber: errorNumber)
    }

    /// The same failure as part of a larger attempt, which decides its kind.
    func during(_ attempt: String, _ kind: Kind) -> CheckpointError {
        CheckpointError(kind, "cannot \(attempt): \(message)", errorNumber: errorNumber)
    }

    private static func remedy(_ errorNumber: Int32) -> String {
        switch errorNumber {
        case ENOSPC, EDQUOT: "free space there, or keep fewer checkpoints"
        case EACCES, EPERM, EROFS: "check the permissions of that folder"
        case ENOENT, ENOTDIR: "check the path"
        case ELOOP: "symbolic links are not followed; name the file itself"
        case EIO: "check the disk and the system's log"
        case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
        default: "check the file system that holds it"
        }
    }

    /// The message.
    public var description: String { message }
}
