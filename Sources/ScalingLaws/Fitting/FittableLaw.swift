/// A model that knows where to start and what its parameters are called outside.
protocol FittableLaw: LawModel {
    /// Places to start from: a grid, or results of simpler fits; all are screened.
    var starts: [ParameterVector] { get }
    /// How many neighbours in `starts` are screened against each other, so that every region of the grid sends some on.
    var startsPerRegion: Int { get }
    /// A few good places for these weights, by solving for the linear parameters where that is possible.
    func linearStarts(weights: [Double]) -> [ParameterVector]
    /// The law's own parameters, in the order of `LawForm.parameterNames`.
    func values(_ p: ParameterVector) -> [Double]
    /// Back from the law's own parameters.
    func parameters(_ values: [Double]) -> ParameterVector
    /// Whether the points with weights above 0 have as many places as the law needs.
    func isFittable(weights: [Double]) -> Bool
}

extension FittableLaw {
    var startsPerRegion: Int { 18 }
    func linearStarts(weights: [Double]) -> [ParameterVector] { [] }
}

/// How many different values `x` takes where the weight is above 0.
func distinctCount(_ x: [Double], weights: [Double]) -> Int {
    var seen = Set<Double>()
    for i in x.indices where weights[i] > 0 { seen.insert(x[i]) }
    return seen.count
}
