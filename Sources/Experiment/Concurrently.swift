import Dispatch
import Synchronization

extension Array where Element: Sendable {
    /// `body` of every element, in order, on up to `jobs` cores at once.
    /// - Throws: the error of the first element, in order, that had one; elements behind it may not have been tried.
    public func concurrentMap<Result: Sendable>(
        jobs: Int, _ body: @Sendable (Element) throws -> Result
    ) throws -> [Result] {
        guard jobs > 1, count > 1 else { return try map(body) }
        let next = Atomic(0)
        let results = Mutex([Swift.Result<Result, any Error>?](repeating: nil, count: count))
        let failed = Atomic(false)
        DispatchQueue.concurrentPerform(iterations: Swift.min(jobs, count)) { _ in
            while !failed.load(ordering: .relaxed) {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                let result = Swift.Result { try body(self[index]) }
                if case .failure = result { failed.store(true, ordering: .relaxed) }
                results.withLock { $0[index] = result }
            }
        }
        return try results.withLock { all in try all.compactMap { try $0?.get() } }
    }
}
