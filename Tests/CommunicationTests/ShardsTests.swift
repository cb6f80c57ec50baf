import Communication
import Testing

@Suite("Shards")
struct ShardsTests {
    private static let blockSize = 16

    @Test("shards tile the arena exactly, at block edges, for any number of blocks and ranks")
    func tileTheArena() {
        for blocks in [1, 2, 3, 7, 8, 16, 17, 40] {
            for bucketBlocks in [1, 3, 8, 100] {
                for ranks in [1, 2, 3, 5, 8, 13, 50] {
                    let shards = Shards(
                        blocks: blocks, blockSize: Self.blockSize, bucketBlocks: bucketBlocks, ranks: ranks)
                    let place = "\(blocks) blocks, buckets of \(bucketBlocks), \(ranks) ranks"
                    let owned = (0..<ranks).flatMap { shards.owned(by: $0) }.sorted { $0.lowerBound < $1.lowerBound }
                    var end = 0
                    for range in owned {
                        if range.lowerBound != end || range.upperBound % Self.blockSize != 0 || range.isEmpty {
                            Issue.record("\(range) after \(end): \(place)")
                        }
                        end = range.upperBound
                    }
                    #expect(end == blocks * Self.blockSize, "\(place)")
                    let counts = (0..<ranks).map { shards.ownedCount(by: $0) }
                    #expect(counts.reduce(0, +) == end, "\(place)")
                }
            }
        }
    }

    @Test("buckets go from the end of the arena to its start, as backward finishes them; only the last may be short")
    func bucketsFromTheEnd() {
        let shards = Shards(blocks: 10, blockSize: Self.blockSize, bucketBlocks: 4, ranks: 2)
        #expect(shards.buckets == [96..<160, 32..<96, 0..<32])
        #expect(shards.shard(ofBucket: 0, rank: 0) == 96..<128 && shards.shard(ofBucket: 0, rank: 1) == 128..<160)
        #expect(shards.owned(by: 0) == [0..<16, 32..<64, 96..<128], "in the order of the arena")
    }

    @Test("every bucket is shared by all ranks, as evenly as blocks allow")
    func even() {
        for ranks in 1...9 {
            let shards = Shards(blocks: 29, blockSize: Self.blockSize, bucketBlocks: 9, ranks: ranks)
            for bucket in shards.buckets.indices {
                let counts = (0..<ranks).map { shards.shard(ofBucket: bucket, rank: $0).count }
                #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= Self.blockSize)
            }
        }
    }

    @Test("however many ranks there are, all have work in a large arena")
    func manyRanks() {
        for ranks in [1, 2, 48, 64, 65, 200, 1_024] {
            let shards = Shards(blocks: 10_000, blockSize: Self.blockSize, ranks: ranks)
            let counts = (0..<ranks).map { shards.ownedCount(by: $0) / Self.blockSize }
            #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1, "\(ranks) ranks: \(counts)")
        }
    }

    @Test("with more ranks than blocks some own nothing, and every block has one owner")
    func moreRanksThanBlocks() {
        let shards = Shards(blocks: 3, blockSize: Self.blockSize, ranks: 8)
        let counts = (0..<8).map { shards.ownedCount(by: $0) }
        #expect(counts.filter { $0 == Self.blockSize }.count == 3 && counts.filter { $0 == 0 }.count == 5)
        #expect((0..<8).filter { shards.owned(by: $0).isEmpty }.count == 5)
    }
}
