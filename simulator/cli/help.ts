export const helpText = `Simulated smart circuit breakers: physics, protection and their protocols in one process.

  npm run sim -- [options]                       run a fleet until SIGTERM or SIGINT
  npm run sim -- fault DEVICE KIND [options]     put a fault behind a breaker of a running fleet
  npm run sim -- tell DEVICE JSON [options]      any other action on a running fleet (see below)
  npm run sim -- curve [options]                 time-current curve with measured trip points, as SVG and CSV
  npm run sim -- play FILE...                    play scenarios offline, as fast as possible, and check what they expect

Run options
  --devices N           breakers CB-0001 ..., six on each edge node panel-1 ... (default 12)
  --first N             number of the first breaker (default 1)
  --protocol NAME       sparkplug, json, lwm2m (legacy JSON), lwm2m-oma, all (each device all four), or mixed: of each
                        twelve breakers six Sparkplug, three json, two lwm2m, one lwm2m-oma
  --broker URL          MQTT broker (default mqtt://127.0.0.1:1883)
  --group NAME          Sparkplug group (default Demo)
  --period MS           reporting period of each breaker (default 1000)
  --rate MSGS_PER_S     load mode: data messages per second over all breakers
  --deadband PERCENT    Sparkplug: changes below this share of the range are not reported (default 0)
  --seed TEXT           same seed, same loads, same trips (default 1)
  --acceleration N      simulated seconds per second (default: the scenario's, else 1)
  --start TIME          calendar time of the start, e.g. 2026-01-01T00:00:00Z (default now)
  --scenario FILE       play a scenario (simulator/scenarios/*.yaml) against the broker
  --demo-event          an overload trip, its alarm and a reclosure on one breaker within two minutes
  --truth FILE          write what degradations really do, one JSON line per device, kind and simulated day
  --username NAME       broker user
  --password-env VAR    environment variable that holds the broker password

Fault kinds: overload, bolted, line-line, line-ground, ground, arc, series-arc, phase-loss, none
  --amps A              rms current per faulted phase (default: from the circuit)
  --metres M            distance of a short circuit down the cable
  --seconds S           duration (default 30)

Actions of "tell", scenarios and the control topic fdi-sim/control/<device> (JSON, answer on fdi-sim/reply/<device>)
  {"fault":"overload","amps":900,"seconds":30}          {"supply":{"voltage":60,"frequency":-1},"seconds":10}
  {"motor":{"ratio":7,"share":0.3}}                     {"load":0.9}   {"ambient":40}
  {"behaviour":"silent"}  {"behaviour":"normal"}        {"comms":"lost","seconds":20}  {"network":"down","seconds":20}
  {"impair":{"drop":0.1,"duplicate":0.1,"reorder":0.1,"malformed":0.05,"delayMs":200},"seconds":60}
  {"clock":{"skew":"-2 min","driftPpm":50}}             {"command":"trip"|"close"|"reset"|"self-test"|"protection-test"}
  {"settings":{"ThermalPickup":200}}                    {"cradle":"disconnected"|"connected"|"test"}  {"local":true}
  {"mechanism":"stuck"|"free"}  {"earthed":true}        {"degrade":"bad-joint","perDay":0.2,"shape":1}

Curve options
  --set NAME=VALUE      a setting, repeatable (e.g. --set ThermalPickup=200)
  --frame NAME          mccb-250 (default), mcb-63, acb-1600
  --svg FILE, --csv FILE   where to write (default: the CSV to standard output)
`;
