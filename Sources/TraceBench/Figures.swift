/// Everything that a run of the bench measured; what it did not stays empty.
struct Figures: Encodable {
  var hotPath: [HotPathResult] = []
  var startUp: [StartUpResult] = []
  var frameCost: FrameCostResult?
  var stationCost: StationCostResult?
  var stationMemory: [StationMemoryResult] = []
  var flood: FloodResult?
  var arrival: [ArrivalResult] = []
  var peers: [PeerResult] = []
  var firstFrame: [FirstFrameResult] = []
  var harm: [HarmResult] = []
  var commands: [CommandResult] = []
  var cores: [TwoCoreResult] = []
  var reading: ReadingResult?
  var goals: [Goal] = []
}
