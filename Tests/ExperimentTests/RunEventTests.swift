import Experiment
import Testing

@Suite("Events")
struct RunEventTests {
    static let events: [RunEvent] = [
        .started(
            .init(
                time: 1.25, run: "small", folder: "/runs/a b/ü", step: 3, steps: 100, ranks: 2,
                hosts: ["node1", "node2"],
                kernels: "avx2", parameters: 132_928, tokensPerStep: 768, sgemmGigaflops: 230.5)),
        .step(
            .init(
                step: 4, steps: 100, loss: 0.1 + 0.2, gradientNorm: 1.0.nextUp, learningRate: 1e-3 / 7,
                tokensPerSecond: 1e5, utilisation: 0.61, secondsLeft: 12)),
        .step(
            .init(
                step: 4, steps: 100, loss: .infinity, gradientNorm: -.infinity, learningRate: 0, tokensPerSecond: 0,
                utilisation: 0, secondsLeft: .infinity)),
        .evaluated(.init(time: 2, step: 4, loss: 2.5, standardError: 0.01, bitsPerByte: 3.6)),
        .evaluated(.init(time: 2, step: 4, loss: 2.5, standardError: 0.01, bitsPerByte: nil)),
        .checkpointed(.init(time: 3, step: 4, file: "step-00000004.h5", digest: "ab", seconds: 0.2)),
        .message(.init(time: 4, text: "a \"quoted\"\nline / slash")),
        .ended(.init(time: 5, step: 100, status: .stoppedEarly)),
    ]

    @Test("an event is one line and reads back equal", arguments: events)
    func roundTrip(event: RunEvent) throws {
        let line = try event.line()
        #expect(line.hasSuffix("\n"))
        #expect(!line.dropLast().contains("\n"))
        #expect(RunEvent(line: line) == event)
        #expect(RunEvent(line: line.dropLast()) == event)
        #expect(try RunEvent(line: line)?.line() == line)
    }

    @Test("keys are written in lower case with underscores")
    func keys() throws {
        let line = try Self.events[0].line()
        for key in ["\"started\"", "\"tokens_per_step\"", "\"sgemm_gigaflops\""] { #expect(line.contains(key)) }
        #expect(try Self.events[7].line().contains("stopped_early"))
    }

    @Test(
        "a line that is no event is nil", arguments: ["", "{}", "mpirun: warning", "{\"step\":{}}", "[1]", "{\"step\""])
    func noEvent(line: String) {
        #expect(RunEvent(line: line) == nil)
    }
}
