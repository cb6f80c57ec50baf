import Crypto
import Foundation

/// A regular file that is open for reading; symbolic links, pipes and folders are refused.
final class InputFile: Sendable {
    let path: String
    let descriptor: Int32
    /// As it was when the file was opened.
    let byteCount: Int

    /// Throws `CheckpointError` of kind `cannotRead`, or `damaged` where something other than a file has the name.
    init(_ path: String) throws {
        // O_NONBLOCK: opening a pipe must not wait for a writer. It has no effect on regular files.
        let descriptor = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
        if descriptor < 0 {
            let number = errno
            throw CheckpointError.system(
                number == ELOOP || number == EIO ? .damaged : .cannotRead, "open", path, errorNumber: number)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let number = errno
            close(descriptor)
            throw CheckpointError.system(.cannotRead, "examine", path, errorNumber: number)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw CheckpointError(.damaged, "\(path) is not a regular file; name the file itself")
        }
        self.path = path
        self.descriptor = descriptor
        byteCount = Int(status.st_size)
    }

    /// The file in memory as it is now, by a descriptor of its own.
    init(_ memory: borrowing MemoryFile) throws {
        path = "a file in memory"
        descriptor = dup(memory.descriptor)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw CheckpointError.system(.cannotRead, "examine", path, errorNumber: errno)
        }
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Fills `bytes` with what stands at `offset`.
    ///
    /// Throws `damaged` when the file ends too early or the disk cannot read it.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
            let count = retryingInterrupts { pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done)) }
            if count < 0 { throw CheckpointError.system(.damaged, "read", path, errorNumber: errno) }
            if count == 0 {
                throw CheckpointError(
                    .damaged, "\(path) ends at byte \(offset + done), before byte \(offset + bytes.count); restore it")
            }
            done += count
        }
    }

    /// `count` bytes from `offset`.
    func bytes(at offset: Int, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try bytes.withUnsafeMutableBytes { try read(into: $0, at: offset) }
        return bytes
    }

    /// `count` values of a plain type from byte `offset`.
    func values<Value: BitwiseCopyable & Numeric>(_: Value.Type, at offset: Int, count: Int) throws -> [Value] {
        var values = [Value](repeating: 0, count: count)
        try values.withUnsafeMutableBytes { try read(into: $0, at: offset) }
        return values
    }

    /// SHA-256 of the whole file, as 64 hexadecimal digits.
    func sha256() throws -> String {
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { chunk.deallocate() }
        var hash = SHA256()
        var offset = 0
        while offset < byteCount {
            let part = UnsafeMutableRawBufferPointer(rebasing: chunk[..<min(chunk.count, byteCount - offset)])
            try read(into: part, at: offset)
            hash.update(bufferPointer: UnsafeRawBufferPointer(part))
            offset += part.count
        }
        return hash.finalize().hexadecimal
    }
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits per byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in self { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Repeats a system call while a signal interrupts it.
func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
