/**
 * Stored files as clients reach them: signed links of file storage, and the catalogue of sounds.
 */
#ifndef FRAMECAST_MEDIA_MEDIA_H
#define FRAMECAST_MEDIA_MEDIA_H

#include "http/http.h"

extern const struct fc_route fc_media_routes[];

/* The handlers of the routes: blobs_api.c, system_assets_api.c. */
fc_status fc_blob_get(struct fc_request *rq);
fc_status fc_blob_put(struct fc_request *rq);
extern const struct fc_sink fc_blob_sink;

fc_status fc_system_asset_list(struct fc_request *rq);
fc_status fc_system_asset_get(struct fc_request *rq);
extern const struct fc_shape fc_system_asset_list_shape;

#endif
