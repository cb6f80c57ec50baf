import ScalingLaws

/// All that a report shows.
public struct Report: Sendable {
    /// One line about how the runs were made, as ("config hash", "1f3a…").
    public struct Fact: Sendable, Equatable {
        /// What it is.
        public var name: String
        /// Its value as it is to be shown.
        public var value: String

        /// A fact.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The heading of the page.
    public var title: String
    /// In the order of the table.
    public var runs: [RunSummary]
    /// One per run that has a ledger.
    public var curves: [Curve]
    /// The parametric fit, where one could be made.
    public var chinchilla: ChinchillaFit?
    /// Kaplan's laws, where they could be fitted.
    public var kaplan: KaplanFit?
    /// Why there is no fit, in a sentence.
    public var fitProblem: String?
    /// For runs on the calibration source: what theory says.
    public var calibration: CalibrationTheory?
    /// What was left out of the fit, a sentence each.
    public var dropped: [String]
    /// Versions, hashes, hosts.
    public var facts: [Fact]
    /// A text that the largest model wrote, if any.
    public var sample: String?
    /// Losses to set the runs' beside.
    public var baselines: [Baseline] = []
    /// Approach 2's profiles, by rising budget.
    public var profiles: [IsoFLOPProfile] = []
    /// The best size by other ways than the parametric fit.
    public var optima: [OptimumEstimate] = []
    /// What speaks against `optima`, with the name of the way before each sentence.
    public var cautions: [FitWarning] = []
    /// Of the parametric fit's parameters.
    public var likelihoods: [ProfileLikelihood] = []
    /// Runs whose loss was predicted before it was known, or held out.
    public var predictions: [PredictedRun] = []
    /// What repeated data are worth, where it could be fitted.
    public var repeats: RepeatWorth?
    /// Standard deviation of ln L over runs that differ only in their seed.
    public var seedNoise: Double?

    /// A report of runs; what there is not stays away from the page.
    public init(
        title: String, runs: [RunSummary], curves: [Curve], chinchilla: ChinchillaFit? = nil, kaplan: KaplanFit? = nil,
        fitProblem: String? = nil, calibration: CalibrationTheory? = nil, dropped: [String] = [], facts: [Fact] = [],
        sample: String? = nil
    ) {
        self.title = title
        self.runs = runs
        self.curves = curves
        self.chinchilla = chinchilla
        self.kaplan = kaplan
        self.fitProblem = fitProblem
        self.calibration = calibration
        self.dropped = dropped
        self.facts = facts
        self.sample = sample
    }
}
