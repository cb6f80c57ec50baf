/// A run's losses so far, and the learning rate of every update of its whole schedule, which is known beforehand.
public struct ScheduledCurve: Sendable {
    /// The run's name, as messages tell it.
    public let name: String
    /// The learning rate of updates 1, 2, 3, … to the end of the schedule.
    public let rates: [Double]  // [steps]
    /// Training losses of steps 1, 2, 3, … as far as the run has come, nats per token.
    public let losses: [Double]  // [steps so far]
    /// Held-out losses with the number of updates before them, in order, nats per token.
    public let evaluations: [(step: Int, loss: Double)]

    /// A curve of a run that has taken `losses.count` of `rates.count` updates.
    public init(name: String, rates: [Double], losses: [Double], evaluations: [(step: Int, loss: Double)]) {
        precondition(losses.count <= rates.count, "\(name) has \(losses.count) losses for \(rates.count) rates")
        self.name = name
        self.rates = rates
        self.losses = losses
        self.evaluations = evaluations
    }

    /// Updates of the whole schedule.
    public var steps: Int { rates.count }
    /// Updates taken.
    public var step: Int { losses.count }
    /// All updates have been taken.
    public var isComplete: Bool { step == steps }

    /// The same run as it stood after `step` updates.
    public func truncated(to step: Int) -> ScheduledCurve {
        ScheduledCurve(
            name: name, rates: rates, losses: Array(losses.prefix(step)),
            evaluations: evaluations.filter { $0.step <= step })
    }

    /// What a finished run came to: its last held-out loss, or, where none was measured, the mean training loss of the
    /// last twentieth.
    public var finalLoss: Double? {
        guard isComplete, !losses.isEmpty else { return nil }
        if let last = evaluations.last, last.step == steps { return last.loss }
        let tail = losses.suffix(max(1, steps / 20))
        return tail.reduce(0, +) / Double(tail.count)
    }

    /// The update at which the rate first reaches its peak: where warm-up ends.
    public var peakStep: Int { rates.indices.max { rates[$0] < rates[$1] || (rates[$0] == rates[$1] && $0 > $1) } ?? 0 }
}

/// The two areas of the learning-rate annealing law under a schedule, rates in units of the peak (Tissue et al. 2024,
/// arXiv 2408.11029, eq. 1): S1(s) = Σ_{i≤s} η_i, the forward area; S2(s) = Σ_{i≤s} Σ_{k≤i} (η_{k−1} − η_k) λ^{i−k}, the
/// annealing area, whose inner sum is a momentum of the rate's fall. Rises of the rate, as in warm-up, add nothing to it.
struct AnnealingAreas: Sendable {
    let forward: [Double]  // [steps]
    let annealing: [Double]  // [steps]

    init(rates: [Double], decay: Double) {
        let peak = rates.max() ?? 1
        var (forward, annealing) = ([Double](), [Double]())
        forward.reserveCapacity(rates.count)
        annealing.reserveCapacity(rates.count)
        var (area, momentum, fallen) = (0.0, 0.0, 0.0)
        for (i, rate) in rates.enumerated() {
            area += rate / peak
            momentum = decay * momentum + (i == 0 ? 0 : max(0, rates[i - 1] - rate) / peak)
            fallen += momentum
            forward.append(area)
            annealing.append(fallen)
        }
        self.forward = forward
        self.annealing = annealing
    }
}
