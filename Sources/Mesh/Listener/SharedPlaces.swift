/// A number of places of which one address gets only a part. Where there is none left, the oldest gives way: within an
/// address that has its part, else within the address that has the most, so that a flood pushes out itself.
package struct SharedPlaces {
    private let all: Int
    private let perAddress: Int
    /// Of each place that is taken, by its number.
    private var addresses: [UInt64: AddressGroup] = [:]
    /// Of each address, the oldest first.
    private var numbers: [AddressGroup: [UInt64]] = [:]
    /// Those that are at work; they give way last.
    private var atWork: Set<UInt64> = []

    package init(all: Int, perAddress: Int) {
        precondition(all > 0 && perAddress > 0, "\(all) places, \(perAddress) for one address")
        self.all = all
        self.perAddress = perAddress
    }

    package var count: Int { addresses.count }

    /// Enters a newcomer, whose number is above all that came before, and answers the number that has to go.
    package mutating func enter(_ number: UInt64, _ address: AddressGroup) -> UInt64? {
        var givesWay: UInt64?
        if let own = numbers[address], own.count >= perAddress {
            givesWay = oldest(of: own)
        } else if addresses.count >= all {
            // Of several that have as many, the one that came first.
            let largest = numbers.values.max { ($0.count, $1[0]) < ($1.count, $0[0]) }
            givesWay = largest.flatMap(oldest(of:))
        }
        if let givesWay { leave(givesWay) }
        addresses[number] = address
        numbers[address, default: []].append(number)
        return givesWay
    }

    package mutating func leave(_ number: UInt64) {
        guard let address = addresses.removeValue(forKey: number) else { return }
        atWork.remove(number)
        numbers[address]?.removeAll { $0 == number }
        if numbers[address]?.isEmpty == true { numbers[address] = nil }
    }

    /// Notes that something is done for this one.
    package mutating func begin(_ number: UInt64) {
        if addresses[number] != nil { atWork.insert(number) }
    }

    private func oldest(of numbers: [UInt64]) -> UInt64? {
        numbers.first { !atWork.contains($0) } ?? numbers.first
    }
}
