import Foundation

/// The search for the lowest minimum of the parametric objective: the paper's 4,500 starts screened by their value, the
/// most promising of every (α, β) taken some steps, the best of those and of a linear search polished to the end.
struct ChinchillaSearch: Sendable {
    /// Hoffmann et al. 2022, §D.2: α, β, e, and a = b.
    static let exponents = [0.0, 0.5, 1, 1.5, 2]
    static let irreducibles = [-1.0, -0.5, 0, 0.5, 1]
    static let coefficients = [0.0, 5, 10, 15, 20, 25]

    let objective: ChinchillaObjective
    /// Starts kept per (α, β), and the number polished.
    var keptPerExponents = 8
    var polished = 32

    struct Result: Sendable {
        var best: Minimum
        /// Every polished minimum, lowest first.
        var minima: [Minimum]
        var startsScreened: Int
    }

    func run() -> Result {
        let (starts, screened) = screenedStarts()
        let shortWalk = Minimizer(majorizingSteps: 6, exactSteps: 0)
        let candidates = (starts + linearStarts())
            .map { shortWalk.minimize(objective, from: $0) }
            .filter(\.value.isFinite)
            .sorted { $0.value < $1.value }
        let minima = candidates.prefix(polished)
            .map { Minimizer().minimize(objective, from: $0.parameters) }
            .sorted { $0.value < $1.value }
        return Result(best: minima[0], minima: minima, startsScreened: screened)
    }

    private func screenedStarts() -> (kept: [ParameterVector], screened: Int) {
        var kept: [ParameterVector] = []
        var screened = 0
        for alpha in Self.exponents {
            for beta in Self.exponents {
                let starts = grid(alpha: alpha, beta: beta)
                screened += starts.count
                let ranked = starts.map { (start: $0, value: objective.value(at: $0)) }
                    .sorted { $0.value < $1.value }
                kept += ranked.prefix(keptPerExponents).map(\.start)
            }
        }
        return (kept, screened)
    }

    private func grid(alpha: Double, beta: Double) -> [ParameterVector] {
        Self.coefficients.flatMap { a in
            Self.coefficients.flatMap { b in
                Self.irreducibles.map { e in
                    objective.centred(lnA: a, lnB: b, lnE: e, alpha: alpha, beta: beta)
                }
            }
        }
    }

    /// With α and β held, the law is linear in E, A and B: least squares of the relative residuals on a grid of
    /// exponents that includes the small and the large ones that the paper's grid leaves out.
    private func linearStarts() -> [ParameterVector] {
        let exponents = [0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.75, 1, 1.4, 2, 3, 5]
        let starts = exponents.flatMap { alpha in
            exponents.map { beta in objective.linearStart(alpha: alpha, beta: beta) }
        }
        let ranked = starts.map { (start: $0, value: objective.value(at: $0)) }.sorted { $0.value < $1.value }
        return ranked.prefix(2 * keptPerExponents).map(\.start)
    }
}

extension ChinchillaObjective {
    /// E, A and B by least squares of relative residuals for given exponents; a share that comes out negative is set to
    /// a thousandth of the loss, so that its logarithm exists.
    fileprivate func linearStart(alpha: Double, beta: Double) -> ParameterVector {
        var normal = SmallMatrix(size: 3)
        var right = ParameterVector.zero
        forEachPoint { x, y, loss in
            let row = ParameterVector(exp(-alpha * x), exp(-beta * y), 1, 0, 0, 0, 0, 0) / loss
            normal.addOuterProduct(row, weight: 1)
            right += row
        }
        let solution = normal.solve(right, damping: normal.diagonal * 1e-12) ?? ParameterVector(repeating: 1)
        let floor = 1e-3
        return ParameterVector(
            log(max(solution[0], floor)), log(max(solution[1], floor)), log(max(solution[2], floor)),
            alpha, beta, 0, 0, 0)
    }
}
