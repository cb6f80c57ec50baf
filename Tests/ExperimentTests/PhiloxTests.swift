import Experiment
import Testing

@Suite("Counter-based random numbers")
struct PhiloxTests {
    @Test("Philox4x32-10 gives Random123's known answers")
    func knownAnswers() {
        // kat_vectors of Random123 1.14: nothing, everything, and the digits of pi.
        #expect(
            Philox(key: SIMD2(0, 0)).block(SIMD4(0, 0, 0, 0))
                == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
        let ones = UInt32.max
        #expect(
            Philox(key: SIMD2(ones, ones)).block(SIMD4(ones, ones, ones, ones))
                == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
        #expect(
            Philox(key: SIMD2(0xA409_3822, 0x299F_31D0))
                .block(SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344))
                == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
    }

    @Test("a stream is a function of seed, purpose and name, and of nothing else")
    func keys() {
        let stream = RandomStream(seed: 1, purpose: "a", name: "b")
        #expect(stream == RandomStream(seed: 1, purpose: "a", name: "b"))
        for other in [
            RandomStream(seed: 2, purpose: "a", name: "b"), RandomStream(seed: 1 << 63 | 1, purpose: "a", name: "b"),
            RandomStream(seed: 1, purpose: "b", name: "a"), RandomStream(seed: 1, purpose: "ab"),
            RandomStream(seed: 1, purpose: "a", name: ""),
        ] {
            #expect(other != stream)
            #expect(other.bits(0) != stream.bits(0))
        }
        #expect(stream.bits(7) == stream.bits(7))
        #expect(stream.bits(7) != stream.bits(7 + 1 << 32))
    }

    @Test("uniform numbers lie inside (0, 1) and have the mean and variance of such")
    func uniform() {
        let count = 100_000
        let stream = RandomStream(seed: 3, purpose: "uniform test")
        let values = (0..<UInt64(count)).map(stream.uniform)
        #expect(values.allSatisfy { $0 > 0 && $0 < 1 })
        let mean = values.reduce(0, +) / Double(count)
        let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(count)
        // Five standard errors: 5 / sqrt(12 n), and about 5 / sqrt(180 n).
        #expect(abs(mean - 0.5) < 0.0046)
        #expect(abs(variance - 1.0 / 12) < 0.0012)
    }

    @Test("normal numbers have the first four moments of such")
    func normal() {
        let count = 100_000.0
        let stream = RandomStream(seed: 4, purpose: "normal test")
        let values = (0..<UInt64(count)).map(stream.normal)
        func moment(_ power: Int) -> Double {
            values.map { value in (0..<power).reduce(1.0) { product, _ in product * value } }.reduce(0, +) / count
        }
        // Five standard errors of each: sqrt(1, 2, 15, 96) / sqrt(n).
        #expect(abs(moment(1)) < 0.0159)
        #expect(abs(moment(2) - 1) < 0.0224)
        #expect(abs(moment(3)) < 0.0613)
        #expect(abs(moment(4) - 3) < 0.155)
    }

    @Test(
        "a keyed permutation takes every index to another place, each place once",
        arguments: [
            1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 100, 255, 256, 257, 1000, 1023, 1024, 1025, 4097, 10_007, 65_536,
        ])
    func bijection(count: Int) {
        let permutation = KeyedPermutation(count: count, stream: RandomStream(seed: 6, purpose: "epoch", name: "0"))
        #expect(Set((0..<count).map { permutation[$0] }) == Set(0..<count))
    }

    @Test("permutations of every small size are bijections")
    func smallSizes() {
        for count in 1...300 {
            let permutation = KeyedPermutation(count: count, stream: RandomStream(seed: 8, purpose: "\(count)"))
            #expect((0..<count).map { permutation[$0] }.sorted() == Array(0..<count), "\(count)")
        }
    }

    @Test("the index of a value is where the value comes from", arguments: [1, 2, 5, 16, 17, 255, 257, 1025, 70_000])
    func inverse(count: Int) {
        let permutation = KeyedPermutation(count: count, stream: RandomStream(seed: 4, purpose: "\(count)"))
        #expect((0..<count).allSatisfy { permutation.index(of: permutation[$0]) == $0 })
    }

    @Test("another key gives another order, and few elements stay where they were")
    func mixes() {
        let count = 10_000
        let one = KeyedPermutation(count: count, stream: RandomStream(seed: 1, purpose: "epoch", name: "0"))
        let two = KeyedPermutation(count: count, stream: RandomStream(seed: 1, purpose: "epoch", name: "1"))
        // One expected in a random permutation; twelve or more have a probability of 1e-9.
        #expect((0..<count).count { one[$0] == $0 } < 12)
        #expect((0..<count).count { one[$0] == two[$0] } < 12)
        #expect((1..<count).count { one[$0] == one[$0 - 1] + 1 } < 12)
    }

    @Test("the orders of three elements are all found, about as often as each other")
    func fairness() {
        var found: [[Int]: Int] = [:]
        for seed in 0..<UInt64(6_000) {
            let permutation = KeyedPermutation(count: 3, stream: RandomStream(seed: seed, purpose: "fair"))
            found[(0..<3).map { permutation[$0] }, default: 0] += 1
        }
        #expect(found.count == 6)
        // 1,000 expected of each; five standard deviations of a binomial are 144.
        #expect(found.values.allSatisfy { abs($0 - 1_000) < 144 }, "\(found)")
    }
}
