import Communication
import SimulatedRanks
import Testing

@Suite("Byte exchange")
struct ByteExchangeTests {
    @Test("bytes go one way and come the other at the same time; nobody is nobody")
    func ring() throws {
        let received = try SimulatedRanks.run(3) { link in
            var incoming = [UInt8](repeating: 0, count: link.rank == 0 ? 0 : 2)
            try link.exchange(
                [UInt8(link.rank), 255], to: link.rank < 2 ? link.rank + 1 : nil, into: &incoming,
                from: link.rank > 0 ? link.rank - 1 : nil)
            return incoming
        }
        #expect(received == [[], [0, 255], [1, 255]])
    }
}
