import Tensors
import Testing

@Suite("Arenas and layouts")
struct ArenaTests {
    @Test("an arena is zeroed and aligned to 64 bytes, small or on huge pages", arguments: [1, 15, 16, 1_000, 524_289])
    func zeroedAndAligned(count: Int) {
        for _ in 0..<2 {
            // The second one may get the memory that the first one has written.
            let arena = Arena(count: count)
            #expect(arena.count == count && Int(bitPattern: arena.floats.base) % 64 == 0)
            #expect(arena.floats.array.allSatisfy { $0 == 0 })
            let sum = arena.floats.withSpan { span in span.indices.reduce(Float(0)) { $0 + span[$1] } }
            #expect(sum == 0)
            arena.floats.fill(3)
        }
    }

    @Test("regions follow each other, do not overlap and start at 64 bytes")
    func regions() {
        var layout = ArenaLayout()
        let sizes = [(1, 1), (1, 16), (3, 5), (1, 17), (16, 16), (2, 33)]
        var end = 0
        for (rows, columns) in sizes {
            let region = layout.reserve(rows: rows, columns: columns)
            #expect(region.offset % 16 == 0 && region.offset >= end && region.offset - end < 16)
            #expect(region.count == rows * columns && region.range.count == region.count)
            end = region.range.upperBound
            #expect(layout.count >= end && layout.count - end < 16)
        }
    }

    @Test("a layout of parameters counts elements without padding and pads the arena to full blocks")
    func parameterLayout() {
        var layout = ParameterLayout()
        let weight = layout.matrix("weight", rows: 3, columns: 7)
        let bias = layout.vector("bias", count: 5)
        let table = layout.matrix("table", rows: 64, columns: 64)
        #expect(layout.parameterCount == 21 + 5 + 4_096)
        #expect(layout.blocks == 2 && layout.arenaCount == 2 * ParameterLayout.blockSize)
        #expect([weight, bias, table].map(\.offset) == [0, 32, 48])
        #expect(layout.tensors.map(\.name) == ["weight", "bias", "table"])
        #expect(layout.tensors.map(\.shape) == [[3, 7], [5], [64, 64]])
        #expect(layout.tensor(at: 20)?.name == "weight" && layout.tensor(at: 21) == nil)
        #expect(layout.tensor(at: 32)?.name == "bias" && layout.tensor(at: 48 + 4_095)?.name == "table")
        #expect(layout.tensor(at: 48 + 4_096) == nil)
    }

    @Test("matrices, tiles and rows are views of the same floats")
    func views() {
        let arena = Arena(count: 24)
        arena.floats.copy(from: (0..<24).map(Float.init))
        let matrix = arena.floats.matrix(Region(offset: 4, rows: 5, columns: 4), rows: 4)
        #expect(matrix.isDense && matrix.count == 16 && matrix.row(1).array == [8, 9, 10, 11])
        let tile = matrix.tile(rows: 1..<3, columns: 2..<4)
        #expect(!tile.isDense && tile.row(0).array == [10, 11] && tile.row(1).array == [14, 15])
        tile.row(1)[0] = -1
        #expect(arena.floats[14] == -1)
        #expect(matrix.rows(2..<4).columns(0..<1).row(1).array == [16])
    }

    @Test("kernel sets are ordered, and the strongest that this machine runs is one of those it runs")
    func sets() {
        #expect(KernelSet.baseline < .avx2 && KernelSet.avx2 < .avx512)
        #expect(KernelSet.baseline.isSupported && KernelSet.strongest.isSupported)
        #expect(KernelSet.allCases.allSatisfy { !$0.isSupported || $0 <= .strongest })
        #expect(KernelSet.allCases.map(\.blasCoreType) == ["Nehalem", "Haswell", "SkylakeX"])
    }
}
