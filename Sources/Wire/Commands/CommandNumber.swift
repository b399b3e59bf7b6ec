/// What a command is, as the log says it. A number is never used again for another command.
enum CommandNumber: UInt8 {
    case bootstrap = 1
    case write = 2
    case place = 3
    case report = 4
    case createTicket = 5
    case join = 6
    case promote = 7
    case remove = 8
    case updateMember = 9
    case grant = 10
    case raiseLevel = 11
    case revoke = 12
    /// A ticket for one node's name; its other form is ``createTicket``.
    case createNodeTicket = 13
    /// A newcomer that says which log of its own it has; its other form is ``join``.
    case joinWithIncarnation = 14
    /// A removal that is insisted on; its other form is ``remove``.
    case removeForced = 15
    /// A write of a manifest set, or one that was planned; its other form is ``write``.
    case writeOfSet = 16
    case adoptSecretsKey = 18
    case reseal = 19
    case reveal = 20
    /// A cluster that begins with a key for secrets; its other form is ``bootstrap``.
    case bootstrapWithSecrets = 21
    case sourceReport = 17
}
