/// How many of `count` voters are a majority: every two majorities share a voter.
///
/// Consensus decides by it, and so does what asks beforehand whether consensus can go on. No voters have no majority:
/// of 0 it is 1. A caller for whom an empty set agrees with everything asks for that first.
@inlinable
public func majority(of count: Int) -> Int { count / 2 + 1 }
