import Foundation

/// The loss of one run along its training.
public struct LossCurve: Sendable {
    /// The run's name.
    public let run: String
    /// Parameters.
    public let n: Double
    /// By rising FLOPs: training tokens so far, FLOPs so far, nats per token.
    public let points: [(tokens: Double, flops: Double, loss: Double)]
    /// What a bootstrap draws together; the run where nothing else is known.
    public let cluster: String

    /// A run's curve; points of no compute or no finite loss above 0 are left out.
    public init(
        run: String, n: Double, points: [(tokens: Double, flops: Double, loss: Double)], cluster: String? = nil
    ) {
        self.run = run
        self.n = n
        self.points = points.filter { $0.flops > 0 && $0.loss > 0 && $0.loss.isFinite && $0.tokens > 0 }
            .sorted { $0.flops < $1.flops }
        self.cluster = cluster ?? run
    }

    /// FLOPs at the end; 0 for an empty curve.
    public var compute: Double { points.last?.flops ?? 0 }

    /// Smoothed over `window` points: at every point a line through its neighbours, weighted by a Gaussian whose
    /// standard deviation is a quarter of the window. A line and not a mean, because at the end of a run, which is what
    /// an envelope is made of, all neighbours lie on one side and are higher.
    public func smoothed(window: Double) -> LossCurve {
        let deviation = window / 4
        guard deviation > 0.25, points.count > 2 else { return self }
        let reach = Int((3 * deviation).rounded(.up))
        let smooth = points.indices.map { i in
            let near = max(0, i - reach)...min(points.count - 1, i + reach)
            let offsets = near.map { Double($0 - i) }
            let line = LinearRegression(
                offsets, near.map { points[$0].loss },
                weights: offsets.map { exp(-$0 * $0 / (2 * deviation * deviation)) })
            return (tokens: points[i].tokens, flops: points[i].flops, loss: line.intercept)
        }
        return LossCurve(run: run, n: n, points: smooth, cluster: cluster)
    }

    /// Tokens and loss at a number of FLOPs, linear in their logarithms between neighbours; nil outside the curve.
    func at(_ flops: Double) -> (tokens: Double, loss: Double)? {
        guard let first = points.first, let last = points.last, first.flops <= flops, flops <= last.flops else {
            return nil
        }
        var (low, high) = (0, points.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if points[middle].flops <= flops { low = middle } else { high = middle }
        }
        let (a, b) = (points[low], points[high])
        guard b.flops > a.flops else { return (b.tokens, b.loss) }
        let share = log(flops / a.flops) / log(b.flops / a.flops)
        return (a.tokens * pow(b.tokens / a.tokens, share), a.loss * pow(b.loss / a.loss, share))
    }
}
