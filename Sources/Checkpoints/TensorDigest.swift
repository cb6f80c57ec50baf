import Crypto
import Foundation

#if !_endian(little)
    #error("checkpoints hold little-endian floats and are written as they lie in memory")
#endif

/// The digest of a run's state: SHA-256 of the concatenated SHA-256s of blocks of 4,096 floats.
///
/// Floats are little-endian; the last block of a tensor is short. The order of tensors is the caller's.
struct TensorDigest {
    static let floatsPerBlock = 4096
    private static let bytesPerBlock = floatsPerBlock * 4

    private var blocks = SHA256()
    private var block = SHA256()
    private var bytesInBlock = 0

    /// Adds the next bytes of the current tensor, any number of them.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.count, Self.bytesPerBlock - bytesInBlock)
            block.update(bufferPointer: UnsafeRawBufferPointer(rebasing: rest[..<count]))
            bytesInBlock += count
            if bytesInBlock == Self.bytesPerBlock { finishBlock() }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Ends the current tensor.
    mutating func finishTensor() {
        if bytesInBlock > 0 { finishBlock() }
    }

    /// The digest as 64 hexadecimal digits.
    func finalize() -> String { blocks.finalize().hexadecimal }

    private mutating func finishBlock() {
        block.finalize().withUnsafeBytes { blocks.update(bufferPointer: $0) }
        block = SHA256()
        bytesInBlock = 0
    }
}
