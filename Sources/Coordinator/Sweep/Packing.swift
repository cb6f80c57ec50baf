/// How a set of runs shares the cores: small ones side by side on one rank each, those that would outlast the rest on
/// more. Bits do not depend on ranks, so this is a matter of time alone.
struct Packing: Equatable {
    /// A run as the packing sees it.
    struct Job: Equatable {
        /// On one rank.
        let seconds: Double
        /// Ranks that have work in it.
        let mostRanks: Int
        /// The job that must be complete before, by its index.
        var after: Int?
        var memory = Need.none

        func claim(ranks: Int) -> Room.Claim { Room.Claim(ranks: ranks, cores: ranks, bytes: memory.bytes(ranks)) }
    }

    /// Bytes of a host that a run holds.
    struct Need: Equatable {
        let ofOneRank: Double
        let ofEachMore: Double

        static let none = Need(ofOneRank: 0, ofEachMore: 0)

        func bytes(_ ranks: Int) -> Double { ofOneRank + Double(ranks - 1) * ofEachMore }
    }

    /// Of each job.
    let ranks: [Int]
    /// Jobs in the order in which they are offered free cores: those with many ranks first, then the longest.
    let order: [Int]
    /// Seconds until all are complete.
    let makespan: Double

    /// What several ranks reach of their number.
    private static let efficiency = 0.85
    /// Lengths that are tried as the longest of a run.
    private static let mostTrials = 64

    /// Takes the ranks with which a simulated list schedule ends first: those with which no run lasts longer than some
    /// length, over the lengths that occur.
    /// - Parameter bytes: of the host's memory; runs side by side hold no more.
    init(_ jobs: [Job], cores: Int, bytes: Double = .infinity) {
        let lengths = jobs.flatMap { job in Self.choices(job, cores, bytes).map { Self.seconds(job, $0) } }.sorted()
        let stride = max(1, lengths.count / Self.mostTrials)
        let trials = [Double.infinity] + lengths.indices.filter { $0 % stride == 0 }.map { lengths[$0] }.reversed()
        let packings = trials.map { Packing(jobs, cores: cores, bytes: bytes, longest: $0) }
        // Of equals the first, which has the fewest ranks in a run.
        self = packings.dropFirst().reduce(packings[0]) { $1.makespan < $0.makespan ? $1 : $0 }
    }

    private init(_ jobs: [Job], cores: Int, bytes: Double, longest: Double) {
        let ranks = jobs.map { job in
            let choices = Self.choices(job, cores, bytes)
            return choices.first { Self.seconds(job, $0) <= longest } ?? choices.last ?? 1
        }
        let order = jobs.indices.sorted {
            (-ranks[$0], -Self.seconds(jobs[$0], ranks[$0]), $0) < (-ranks[$1], -Self.seconds(jobs[$1], ranks[$1]), $1)
        }
        self.ranks = ranks
        self.order = order
        makespan = Self.simulate(jobs, ranks: ranks, order: order, room: Room(cores: cores, bytes: bytes))
    }

    /// One rank, powers of two, and all, as far as the memory goes.
    private static func choices(_ job: Job, _ cores: Int, _ bytes: Double) -> [Int] {
        let most = max(1, min(cores, job.mostRanks))
        let all = Array(sequence(first: 1) { $0 * 2 }.prefix { $0 < most }) + [most]
        return all.filter { $0 == 1 || job.memory.bytes($0) <= bytes }
    }

    private static func seconds(_ job: Job, _ ranks: Int) -> Double {
        ranks == 1 ? job.seconds : job.seconds / (Double(ranks) * efficiency)
    }

    /// Every job begins as soon as there is room and what it waits for is complete, the first in order first.
    private static func simulate(_ jobs: [Job], ranks: [Int], order: [Int], room: Room) -> Double {
        var (room, now) = (room, 0.0)
        var waiting = order
        var running: [(job: Int, end: Double)] = []
        var complete = Set<Int>()
        while !waiting.isEmpty || !running.isEmpty {
            while room.cores > 0,
                let place = waiting.firstIndex(where: { job in
                    room.takes(jobs[job].claim(ranks: ranks[job]))
                        && (jobs[job].after.map { complete.contains($0) } ?? true)
                })
            {
                let job = waiting.remove(at: place)
                room.give(jobs[job].claim(ranks: ranks[job]))
                running.append((job, now + seconds(jobs[job], ranks[job])))
            }
            guard let next = running.indices.min(by: { running[$0].end < running[$1].end }) else { return .infinity }
            let ended = running.remove(at: next)
            now = ended.end
            room.takeBack(jobs[ended.job].claim(ranks: ranks[ended.job]))
            complete.insert(ended.job)
        }
        return now
    }
}
