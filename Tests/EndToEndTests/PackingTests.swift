import Experiment
import Foundation
import Testing

@testable import Coordinator

@Suite("Packing runs over cores")
struct PackingTests {
    private func jobs(_ seconds: [Double], most: Int = 8) -> [Packing.Job] {
        seconds.map { Packing.Job(seconds: $0, mostRanks: most) }
    }

    @Test("many small runs go side by side on one rank each, the longest first")
    func small() {
        let packing = Packing(jobs([1, 3, 2, 4, 2]), cores: 2)
        #expect(packing.ranks == [1, 1, 1, 1, 1])
        #expect(packing.order == [3, 1, 2, 4, 0])
        #expect(packing.makespan == 6)
    }

    @Test("a run that would outlast all others takes all cores")
    func large() {
        let packing = Packing(jobs([1, 1, 100]), cores: 2)
        #expect(packing.ranks == [1, 1, 2])
        #expect(packing.order.first == 2)
    }

    @Test("a run never gets more ranks than it has slots, nor a host more than its cores")
    func limits() {
        let packing = Packing(jobs([100], most: 3), cores: 64)
        #expect(packing.ranks == [3])
        #expect(Packing(jobs([100], most: 3), cores: 2).ranks == [2])
        #expect(Packing(jobs([5, 5]), cores: 1).ranks == [1, 1])
    }

    @Test("few runs on many cores share them all")
    func manyCores() {
        let packing = Packing(jobs([10, 10, 10, 10], most: 16), cores: 16)
        #expect(packing.ranks == [4, 4, 4, 4])
    }

    @Test("what waits for another comes after it")
    func dependence() {
        let packing = Packing(
            [Packing.Job(seconds: 2, mostRanks: 1, after: 1), Packing.Job(seconds: 5, mostRanks: 1)], cores: 2)
        #expect(packing.makespan == 7)
    }

    @Test("runs that do not fit the memory together go one after the other, and one that never fits goes alone")
    func memory() {
        func job(_ bytes: Double) -> Packing.Job {
            Packing.Job(seconds: 4, mostRanks: 2, memory: .init(ofOneRank: bytes, ofEachMore: bytes))
        }
        #expect(Packing([job(60), job(60)], cores: 2, bytes: 100).makespan == 8)
        #expect(Packing([job(60), job(60)], cores: 2, bytes: 100).ranks == [1, 1])
        #expect(Packing([job(40), job(40)], cores: 2, bytes: 100).makespan == 4)
        #expect(Packing([job(140), job(40)], cores: 2, bytes: 100).makespan.isFinite)
    }

    private func report(bytes: Int, of host: Int?) -> MemoryReport {
        MemoryReport(
            ranks: 1, hosts: 1, ranksPerHost: 1, bytesPerRank: bytes, bytesPerHost: bytes, sharedBytesPerHost: 0,
            baseBytes: 0, sharedBaseBytes: 0, memory: [], bytesNeeded: bytes, hostBytes: host, availableBytes: nil,
            fits: true, refusal: nil, suggestions: [], bytesSentPerRankAndStep: 0, messagesSentPerRankAndStep: 0,
            bytesSentPerHostAndStep: 0, slotsOfBusiestRank: 1, partialsOfAllRanks: 1, evaluationSequences: 1,
            sgemmGflops: 1, probe: nil, probeSkipped: nil)
    }

    @Test("workers are asked for the memory of each size only where the host has no room for as many as it has cores")
    func askedMemory() async throws {
        let plan = try SweepConfig(yaml: SweepTests.tiny, source: "test", folder: URL(fileURLWithPath: "/"))
            .plan(vocabulary: 8, source: "test")
        var asked: [String] = []
        func memory(host: Int?) async throws -> SweepMemory? {
            try await SweepMemory(plan.runs, cores: 2, largest: report(bytes: 60, of: host)) { run, ranks in
                asked.append("\(run.shape.width) on \(ranks)")
                return report(bytes: run.shape.width + 10 * ranks, of: host)
            }
        }
        let (roomy, unknown) = (try await memory(host: 200), try await memory(host: nil))
        #expect(roomy == nil && unknown == nil && asked.isEmpty)
        let tight = try #require(try await memory(host: 103))
        #expect(tight.hostBytes == 100)
        #expect(asked == ["16 on 1", "16 on 2", "32 on 1", "32 on 2"])
        #expect(plan.runs.allSatisfy { tight.need(of: $0).bytes(2) == Double($0.shape.width + 20) })
    }

    @Test("a launch that takes all cores leaves no room for another")
    func room() {
        var room = Room(cores: 16)
        let launch = Room.Claim(ranks: 2, cores: 16)
        room.give(launch)
        #expect(!room.takes(launch))
        room.takeBack(launch)
        #expect(room.takes(launch))
    }

    @Test("no packing is worse than one run after the other, or than all on one rank each")
    func neverWorse() {
        for seed in 0..<40 {
            let seconds = (0..<9).map { Double((seed * 7919 + $0 * 104_729) % 97 + 1) }
            for cores in 1...5 {
                let packing = Packing(jobs(seconds), cores: cores)
                #expect(packing.makespan <= seconds.reduce(0, +) + 1e-9)
                #expect(packing.makespan >= seconds.reduce(0, +) / Double(cores) - 1e-9)
            }
        }
    }
}
