import Fleet
import Primitives

// A failure is one number for what it is, and the values of its case. Numbers are stable, and none is used again.

extension ByteWriter {
    mutating func write(failure: WriteFailure) {
        switch failure {
        case .notLeader: write(FailureNumber.notLeader.rawValue)
        case .noQuorum(let connected, let voters):
            write(FailureNumber.noQuorum.rawValue)
            write(signed: Int64(connected))
            write(signed: Int64(voters))
        case .forbidden(let denial):
            write(FailureNumber.forbidden.rawValue)
            write(denial: denial)
        case .refused(let refusals):
            write(FailureNumber.refused.rawValue)
            write(list: refusals) { $0.write(refusal: $1) }
        case .unavailable(let obstacle):
            write(FailureNumber.unavailable.rawValue)
            write(obstacle: obstacle)
        case .tooLarge(let bytes, let limit):
            write(FailureNumber.tooLarge.rawValue)
            write(signed: Int64(bytes))
            write(signed: Int64(limit))
        case .outcomeUnknown(let request):
            write(FailureNumber.outcomeUnknown.rawValue)
            write(request: request)
        }
    }

    private mutating func write(denial: WriteFailure.Denial) {
        switch denial {
        case .mayOnlyRead(let key, let role):
            write(DenialNumber.mayOnlyRead.rawValue)
            write(publicKey: key)
            write(optional: role) { $0.write($1.rawValue) }
        case .notAdministrator(let key):
            write(DenialNumber.notAdministrator.rawValue)
            write(publicKey: key)
        case .notMember(let key, let id):
            write(DenialNumber.notMember.rawValue)
            write(publicKey: key)
            write(varint: id)
        case .leaderOnly: write(DenialNumber.leaderOnly.rawValue)
        case .speaksForAnother(let node, let name):
            write(DenialNumber.speaksForAnother.rawValue)
            write(varint: node)
            write(name)
        }
    }

    private mutating func write(obstacle: WriteFailure.Obstacle) {
        switch obstacle {
        case .stateNotKnown: write(ObstacleNumber.stateNotKnown.rawValue)
        case .leaderBusy: write(ObstacleNumber.leaderBusy.rawValue)
        case .membershipChanging: write(ObstacleNumber.membershipChanging.rawValue)
        case .leaderHandsOver(let leader, let heir):
            write(ObstacleNumber.leaderHandsOver.rawValue)
            write(varint: leader)
            write(varint: heir)
        case .diskFull(let leader):
            write(ObstacleNumber.diskFull.rawValue)
            write(varint: leader)
        }
    }
}

extension ByteReader {
    mutating func readFailure() throws(DecodingFailure) -> WriteFailure {
        switch try readCase(FailureNumber.self) {
        case .notLeader: .notLeader
        case .noQuorum: .noQuorum(connected: try readCount(), voters: try readCount())
        case .forbidden: .forbidden(try readDenial())
        case .refused: .refused(try readRefusals())
        case .unavailable: .unavailable(try readObstacle())
        case .tooLarge: .tooLarge(bytes: try readCount(), limit: try readCount())
        case .outcomeUnknown: .outcomeUnknown(try readRequest())
        }
    }

    /// At least one.
    private mutating func readRefusals() throws(DecodingFailure) -> [Refusal] {
        let start = offset
        let refusals = try readList { reader throws(DecodingFailure) in try reader.readRefusal() }
        guard !refusals.isEmpty else { throw DecodingFailure(.invalid("a refusal without a reason"), offset: start) }
        return refusals
    }

    /// A number of things, which is not negative.
    private mutating func readCount() throws(DecodingFailure) -> Int {
        let start = offset
        guard let count = Int(exactly: try readSigned()), count >= 0 else {
            throw DecodingFailure(.invalid("a negative count"), offset: start)
        }
        return count
    }

    private mutating func readDenial() throws(DecodingFailure) -> WriteFailure.Denial {
        switch try readCase(DenialNumber.self) {
        case .mayOnlyRead:
            .mayOnlyRead(
                try readPublicKey(),
                role: try readOptional { reader throws(DecodingFailure) in try reader.readCase(AccessRole.self) })
        case .notAdministrator: .notAdministrator(try readPublicKey())
        case .notMember: .notMember(try readPublicKey(), id: try readVarint())
        case .leaderOnly: .leaderOnly
        case .speaksForAnother: .speaksForAnother(node: try readVarint(), name: try readString())
        }
    }

    private mutating func readObstacle() throws(DecodingFailure) -> WriteFailure.Obstacle {
        switch try readCase(ObstacleNumber.self) {
        case .stateNotKnown: .stateNotKnown
        case .leaderBusy: .leaderBusy
        case .membershipChanging: .membershipChanging
        case .leaderHandsOver: .leaderHandsOver(from: try readVarint(), to: try readVarint())
        case .diskFull: .diskFull(leader: try readVarint())
        }
    }
}

private enum FailureNumber: UInt8 {
    case notLeader = 1
    case noQuorum = 2
    case forbidden = 3
    case refused = 4
    case unavailable = 5
    case tooLarge = 6
    case outcomeUnknown = 7
}

private enum DenialNumber: UInt8 {
    case mayOnlyRead = 1
    case notAdministrator = 2
    case notMember = 3
    case leaderOnly = 4
    case speaksForAnother = 5
}

private enum ObstacleNumber: UInt8 {
    case stateNotKnown = 1
    case leaderBusy = 2
    case membershipChanging = 3
    case leaderHandsOver = 4
    case diskFull = 5
}
