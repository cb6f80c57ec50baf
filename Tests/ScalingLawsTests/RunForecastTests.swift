import Foundation
import Testing

@testable import ScalingLaws

/// Curves of the annealing law itself under a warm-up and a cosine to a tenth, with noise of a batch.
private func curve(
    _ name: String, level: Double, coefficient: Double, exponent: Double = 0.6, steps: Int, noise: Double, seed: UInt64
) -> ScheduledCurve {
    var generator = SplitMix64(seed: seed)
    let warmup = steps / 20
    let rates: [Double] = (0..<steps).map { s -> Double in
        if s < warmup { return Double(s + 1) / Double(warmup) }
        let progress = Double(s - warmup) / Double(steps - warmup)
        return 0.1 + 0.45 * (1 + cos(Double.pi * progress))
    }
    let areas = AnnealingAreas(rates: rates, decay: 0.98)
    let law = AnnealingLaw(
        level: level, coefficient: coefficient, exponent: exponent,
        annealing: 0.05 * level / (areas.annealing.last ?? 1), decay: 0.98)
    func smooth(_ step: Int) -> Double {
        law.loss(forward: areas.forward[step - 1], annealed: areas.annealing[step - 1])
    }
    let losses: [Double] = (1...steps).map { step in
        let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
        return smooth(step) + noise * normal
    }
    // Held-out losses lie a little above, without a batch's noise.
    let evaluations = stride(from: steps / 10, through: steps, by: steps / 10).map {
        (step: $0, loss: smooth($0) + 0.01)
    }
    return ScheduledCurve(name: name, rates: rates, losses: losses, evaluations: evaluations)
}

@Suite("The final loss of a run from its early curve")
struct RunForecastTests {
    @Test("the annealing areas under a constant rate are the steps and nothing; a drop adds its momentum")
    func areas() {
        let constant = AnnealingAreas(rates: [2, 2, 2, 2], decay: 0.9)
        #expect(constant.forward == [1, 2, 3, 4] && constant.annealing == [0, 0, 0, 0])
        let drop = AnnealingAreas(rates: [0.5, 1, 0.5, 0.5], decay: 0.5)
        #expect(drop.forward == [0.5, 1.5, 2, 2.5])
        #expect(drop.annealing == [0, 0, 0.5, 0.75])
    }

    @Test("with siblings, the final loss at a quarter of a run lies in the 95 % interval, which is within 2 %")
    func siblings() throws {
        var inside = 0
        let trials = 40
        for trial in 0..<trials {
            let seed = UInt64(100 * trial)
            let siblings = (0..<4).map { i in
                curve(
                    "s\(i)", level: 2.2 + 0.2 * Double(i), coefficient: 6 + Double(i),
                    exponent: 0.55 + 0.03 * Double(i),
                    steps: 400, noise: 0.03, seed: seed + UInt64(i))
            }
            let whole = curve(
                "run", level: 1.9, coefficient: 7, exponent: 0.6, steps: 800, noise: 0.03, seed: seed + 50)
            let forecast = try RunForecast(whole.truncated(to: 200), siblings: siblings, resamples: 30, seed: seed)
            let final = try #require(whole.finalLoss)
            #expect(forecast.isHeldOut && forecast.checks.count == 4)
            #expect(abs(forecast.loss / final - 1) < 0.02, "trial \(trial): \(forecast.loss) for \(final)")
            if forecast.interval.contains(final) { inside += 1 }
        }
        #expect(inside >= 35, "\(inside) of \(trials)")
    }

    @Test("the interval narrows as the run goes on, and half of the checks' error is not hidden")
    func narrows() throws {
        let whole = curve("run", level: 1.9, coefficient: 7, steps: 800, noise: 0.03, seed: 5)
        let early = try RunForecast(whole.truncated(to: 160), resamples: 50)
        let late = try RunForecast(whole.truncated(to: 720), resamples: 50)
        func width(_ forecast: RunForecast) -> Double { forecast.interval.upperBound - forecast.interval.lowerBound }
        #expect(width(late) < 0.5 * width(early))
        #expect(late.annealed > early.annealed)
        #expect(early.interval.contains(whole.finalLoss ?? 0) && late.interval.contains(whole.finalLoss ?? 0))
    }

    @Test("the same curve and seed give the same forecast to the last bit")
    func determinism() throws {
        let partial = curve("run", level: 1.9, coefficient: 7, steps: 400, noise: 0.03, seed: 5).truncated(to: 100)
        #expect(try RunForecast(partial).interval == RunForecast(partial).interval)
    }

    @Test("a curve that still falls in a straight line, towards a loss below nothing, is too early to forecast")
    func tooEarly() throws {
        let steep = ScheduledCurve(
            name: "steep", rates: [Double](repeating: 1, count: 800), losses: (1...200).map { 10 - 0.045 * Double($0) },
            evaluations: [])
        do {
            _ = try RunForecast(steep, resamples: 20)
            Issue.record("it was forecast")
        } catch let error as TableError {
            #expect(error.message.contains("too early"), "\(error.message)")
        }
    }

    @Test("a complete run, and one still in its warm-up, are refused in words")
    func refusals() {
        let whole = curve("run", level: 1.9, coefficient: 7, steps: 400, noise: 0.03, seed: 5)
        #expect(throws: TableError.self) { try RunForecast(whole) }
        #expect(throws: TableError.self) { try RunForecast(whole.truncated(to: 22)) }
    }
}
