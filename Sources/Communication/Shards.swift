/// Who owns which part of an arena. The arena is cut into buckets, from its end to its start: the order in which
/// backward finishes them. Every bucket is cut into one shard per rank at block edges, so all links work at once.
public struct Shards: Sendable {
    public let ranks: Int
    /// Buckets as ranges of floats, in the order in which backward finishes them.
    public let buckets: [Range<Int>]
    /// Floats of the arena.
    public let arenaCount: Int
    private let blockSize: Int

    /// About 256 blocks, 4 MiB of float32: large enough for a link's bandwidth, small enough to be sent while backward
    /// runs. A multiple of the ranks, so that all own equally much; with many ranks four blocks, 64 KiB, for each.
    public static func standardBucketBlocks(ranks: Int) -> Int { ranks * max(4, 256 / ranks) }

    /// - Parameters:
    ///   - blocks: of the arena.
    ///   - blockSize: floats of a block.
    public init(blocks: Int, blockSize: Int, bucketBlocks: Int? = nil, ranks: Int) {
        let bucketBlocks = bucketBlocks ?? Self.standardBucketBlocks(ranks: ranks)
        precondition(blocks > 0 && ranks > 0 && bucketBlocks > 0, "an arena of blocks for some ranks")
        self.ranks = ranks
        self.blockSize = blockSize
        arenaCount = blocks * blockSize
        buckets = stride(from: blocks, to: 0, by: -bucketBlocks).map { end in
            (max(0, end - bucketBlocks) * blockSize)..<(end * blockSize)
        }
    }

    /// The part of a bucket that a rank owns; may be empty.
    public func shard(ofBucket bucket: Int, rank: Int) -> Range<Int> {
        let range = buckets[bucket]
        let blocks = range.count / blockSize
        let low = range.lowerBound + rank * blocks / ranks * blockSize
        let high = range.lowerBound + (rank + 1) * blocks / ranks * blockSize
        return low..<high
    }

    /// All that a rank owns, in the order of the arena.
    public func owned(by rank: Int) -> [Range<Int>] {
        buckets.indices.reversed().map { shard(ofBucket: $0, rank: rank) }.filter { !$0.isEmpty }
    }

    /// Floats that a rank owns. O(1): all buckets but the last are alike.
    public func ownedCount(by rank: Int) -> Int {
        let last = buckets.count - 1
        return last * shard(ofBucket: 0, rank: rank).count + shard(ofBucket: last, rank: rank).count
    }
}
