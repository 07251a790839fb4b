#!/bin/sh
# Feedback from a file: what is wrong is said by line and column, what was sent is not sent again.
#
# sh samples/07_campaign.sh 127.0.0.1:7001
set -eu
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/campaign.csv" <<'ROWS'
user_id,item_id,type,time,value
15889,ind_recibo_ult1,clicked,2016-06-01T10:00:00+02:00,
15890,ind_tjcr_fin_ult1,shown,2016-06-01,
15891,ind_tjcr_fin_ult1,bought,2016-06-01,12.50
ROWS
"$python" -m teller_client.marketing --server "$1" --set channel=mail "$folder/campaign.csv" ||
  echo "exit code $?: some rows were not accepted"
sed -i 's/bought/accepted/' "$folder/campaign.csv.rejects.csv"
"$python" -m teller_client.marketing --server "$1" --set channel=mail \
  "$folder/campaign.csv.rejects.csv"
