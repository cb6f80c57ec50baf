import Experiment
import Testing

@testable import Coordinator

/// The parts of a launch that start nothing.
@Suite struct LaunchTests {
    @Test("a hostfile gives its hosts and the sum of their slots; comments and empty lines are left out")
    func hostfile() throws {
        let file = try Hostfile(
            path: "H", text: "# our cluster\nnode1 slots=4\n\n  node-2.local  slots=12 # big\nnode3\n")
        #expect(file.entries.map(\.name) == ["node1", "node-2.local", "node3"])
        #expect(file.slots == 17)
    }

    @Test(
        "a hostfile line that is no plain name with slots is refused, because names go on to remote shells",
        arguments: [
            "-oProxyCommand=x slots=1", "node1;rm slots=1", "$(x)", "node1 slots=0", "node1 slots=x",
            "node1 max_slots=4", "node1 slots=1 slots=2", "", "node1\nnode1",
        ])
    func badHostfile(text: String) {
        #expect { try Hostfile(path: "H", text: text) } throws: { ($0 as? Failure)?.code == .usage }
    }

    @Test("ranks come from --ranks, else from the hostfile, else from this host's cores, at most one per slot")
    func rankCount() throws {
        let hosts = try Hostfile(path: "H", text: "a slots=3\nb slots=3")
        func ranks(asked: Int?, hostfile: Hostfile?, cores: Int, slots: Int) throws -> Int {
            try RankCount(asked: asked, hostfile: hostfile, cores: cores, slots: slots, sequences: 2 * slots).ranks
        }
        #expect(try ranks(asked: 5, hostfile: hosts, cores: 2, slots: 8) == 5)
        #expect(try ranks(asked: nil, hostfile: hosts, cores: 2, slots: 8) == 6)
        #expect(try ranks(asked: nil, hostfile: nil, cores: 2, slots: 8) == 2)
        #expect(try ranks(asked: nil, hostfile: nil, cores: 64, slots: 8) == 8)
    }

    @Test("more ranks than slots are refused with both numbers", arguments: [true, false])
    func tooManyRanks(byHostfile: Bool) throws {
        let hosts = byHostfile ? try Hostfile(path: "H", text: "a slots=9") : nil
        #expect {
            try RankCount(asked: byHostfile ? nil : 9, hostfile: hosts, cores: 2, slots: 8, sequences: 16)
        } throws: { error in
            let failure = error as? Failure
            return failure?.code == .usage && failure?.message.contains("9 ranks") == true
                && failure?.message.contains("8 slots") == true
        }
    }

    @Test("counts that split the tree unevenly come with better ones", arguments: [3, 5, 6, 7])
    func hints(ranks: Int) throws {
        let count = try RankCount(asked: ranks, hostfile: nil, cores: 2, slots: 8, sequences: 8)
        #expect(count.hint?.contains("ranks would suit better") == true)
    }

    @Test("powers of two that divide the slots come without a hint", arguments: [1, 2, 4])
    func noHints(ranks: Int) throws {
        #expect(try RankCount(asked: ranks, hostfile: nil, cores: 2, slots: 12, sequences: 12).hint == nil)
    }

    @Test("a run begins with the strongest kernel set that all hosts have")
    func commonKernels() {
        let modern = ["baseline", "avx2", "avx512"]
        #expect(HostProbe.strongestCommonSet([modern, modern]) == "avx512")
        #expect(HostProbe.strongestCommonSet([modern, ["baseline", "avx2"]]) == "avx2")
        #expect(HostProbe.strongestCommonSet([["baseline"], modern]) == "baseline")
        #expect(HostProbe.strongestCommonSet([]) == nil)
    }

    @Test("mpirun's banners are left out, a death by signal is told, unknown text stays")
    func launcherMessages() {
        let rule = String(repeating: "-", count: 74)
        var messages = LauncherMessages()
        let stream = [
            "apus-worker: the loss is not finite", rule,
            "Primary job  terminated normally, but 1 process returned",
            "a non-zero exit code. Per user-direction, the job has been aborted.", rule, rule,
            "mpirun noticed that process rank 1 with PID 0 on node vm exited on signal 9 (Killed).", rule, rule,
            "There are not enough slots available in the system.", rule,
        ]
        let shown = stream.flatMap { messages.lines(for: $0) } + messages.rest()
        #expect(
            shown == ["apus-worker: the loss is not finite", "There are not enough slots available in the system."])
        #expect(messages.death == "rank 1 on host vm was ended by signal 9 (Killed)")
    }
}
