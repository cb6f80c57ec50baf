import Foundation

/// The loss that a run of a size and length is expected to reach, with its 95 % interval and where it comes from.
public struct Prediction: Sendable {
    /// What one form says.
    public struct Form: Sendable {
        /// The form.
        public let form: LawForm
        /// Nats per token.
        public let loss: Double
        /// 95 %, had the form been the only one.
        public let interval: ClosedRange<Double>
        /// Its share in the prediction.
        public let weight: Double
        /// Root mean square relative error on the runs held out.
        public let holdOutError: Double?
    }

    /// The run that is predicted; its own loss is not looked at.
    public let run: FitPoint
    /// Nats per token.
    public let loss: Double
    /// 95 % for the loss of one run, its seed's noise included.
    public let interval: ClosedRange<Double>
    /// Every form, those without weight too.
    public let forms: [Form]
    /// The run's compute over the largest that was fitted.
    public let extrapolation: Double
    /// What errors of the rollout multiply the standard deviation by, at this distance.
    public let inflation: Double
    /// One standard deviation of ln L, before inflation: of the laws, of a single run, between forms.
    public let lawDeviation: Double, runDeviation: Double, formDeviation: Double

    /// Half of the interval against the loss, a share.
    public var halfWidth: Double { (interval.upperBound - interval.lowerBound) / (2 * loss) }
}

extension Predictor {
    /// Predicts the loss of a run like `run`, whose own loss is not looked at.
    public func predict(_ run: FitPoint) -> Prediction {
        let members = members.filter { $0.fit.loss(of: run) > 0 }
        let logs = members.map { log($0.fit.loss(of: run)) }
        let laws = members.map { Spread.ofLaw($0.fit, at: run) }
        let total = members.reduce(0) { $0 + $1.weight }
        func mean(_ values: [Double]) -> Double { zip(members, values).reduce(0) { $0 + $1.0.weight * $1.1 } / total }
        let centre = mean(logs)
        let between = mean(logs.map { ($0 - centre) * ($0 - centre) })
        let (law, single) = (mean(laws), mean(members.map { $0.scatter * $0.scatter }))
        let extrapolation = run.compute / largestCompute
        let factor = inflation(at: extrapolation)
        let freedom = Double(max(1, points.count - (self.members.first?.fit.parameters.count ?? 0)))
        let t = StudentT.halfWidth(level: 0.95, degreesOfFreedom: freedom)
        func interval(_ centre: Double, _ variance: Double) -> ClosedRange<Double> {
            let reach = t * variance.squareRoot()
            return exp(centre - reach)...exp(centre + reach)
        }
        let forms = members.indices.map { i in
            Prediction.Form(
                form: members[i].fit.form, loss: exp(logs[i]),
                interval: interval(logs[i], laws[i] + members[i].scatter * members[i].scatter),
                weight: members[i].weight, holdOutError: members[i].holdOutError)
        }
        return Prediction(
            run: run, loss: exp(centre), interval: interval(centre, factor * factor * (law + single + between)),
            forms: forms, extrapolation: extrapolation, inflation: factor, lawDeviation: law.squareRoot(),
            runDeviation: single.squareRoot(), formDeviation: between.squareRoot())
    }

    /// Beyond the distance that the rollout tested, what it showed above 1 grows with the logarithm of the distance.
    private func inflation(at extrapolation: Double) -> Double {
        guard extrapolation > testedReach, testedReach > 1 else { return inflation }
        return 1 + (inflation - 1) * log(extrapolation) / log(testedReach)
    }
}
