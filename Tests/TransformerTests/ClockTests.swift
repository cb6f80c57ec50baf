import Experiment
import Tensors
import Testing
import Transformer

@Suite("Where the model's time goes")
struct ClockTests {
    private static let shape = ModelShape(layers: 2, width: 24, heads: 3, context: 70, vocabulary: 50)

    private func seconds(_ clock: LapClock) -> Double {
        LapClock.Part.allCases.reduce(0) { $0 + clock.seconds(of: $1) }
    }

    @Test("a lap gives its time to its part alone; what comes before the start is nobody's")
    func laps() {
        let clock = LapClock()
        clock.start()
        clock.lap(.norms)
        let norms = clock.seconds(of: .norms)
        clock.start()
        clock.lap(.loss)
        #expect(clock.seconds(of: .norms) == norms && clock.seconds(of: .products) == 0)
        #expect(seconds(clock) == norms + clock.seconds(of: .loss))
        clock.reset()
        #expect(seconds(clock) == 0)
    }

    @Test("all time inside of the model belongs to a part, in training and in evaluation, and no time outside of it")
    func complete() {
        let seeded = SeededModel(Self.shape, sequences: 2, dropout: 0.1)
        let clock = seeded.work.clock
        for run in [{ _ = seeded.trainingLosses() }, { _ = seeded.losses() }] {
            var best = 0.0
            for _ in 0..<20 {
                clock.reset()
                let begun = ContinuousClock.now
                run()
                let passed = (ContinuousClock.now - begun) / .seconds(1)
                #expect(seconds(clock) <= passed)
                best = max(best, seconds(clock) / passed)
            }
            for part in LapClock.Part.allCases { #expect(clock.seconds(of: part) > 0) }
            // The tests copy losses too, and another process may take the core in between: the best of 20.
            #expect(best > 0.9)
        }
    }
}
